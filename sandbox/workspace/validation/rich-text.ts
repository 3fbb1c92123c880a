import { type Fields, isFields, type Problems } from './problems.js';

const INLINE = new Set([
  'text',
  'link',
  'user',
  'usergroup',
  'channel',
  'emoji',
  'broadcast',
  'date',
  'color',
  'team',
]);
const CONTAINERS = new Set(['rich_text_section', 'rich_text_quote', 'rich_text_preformatted']);

/** Checks rich text: containers hold inline elements, and lists hold sections. Slack refuses empty text. */
export function checkRichText(block: Fields, at: string, problems: Problems): void {
  problems.list(block, 'elements', at, [1, 1000], (element, place) => {
    if (CONTAINERS.has(String(element.type))) checkInline(element, place, problems);
    else if (element.type === 'rich_text_list') checkList(element, place, problems);
    else problems.add(place, `unsupported type: ${String(element.type)}`);
    if (element.border !== undefined && element.border !== 0 && element.border !== 1)
      problems.add(`${place}/border`, 'must be one of 0, 1');
  });
}

function checkList(list: Fields, at: string, problems: Problems): void {
  if (list.style !== 'bullet' && list.style !== 'ordered')
    problems.add(`${at}/style`, 'must be one of bullet, ordered');
  if (list.indent !== undefined && !(Number(list.indent) >= 0 && Number(list.indent) <= 8)) {
    problems.add(`${at}/indent`, 'must be between 0 and 8');
  }
  problems.list(list, 'elements', at, [1, 1000], (item, place) => checkInline(item, place, problems));
}

function checkInline(container: Fields, at: string, problems: Problems): void {
  problems.list(container, 'elements', at, [0, 10_000], (element, place) => {
    if (!INLINE.has(String(element.type))) problems.add(place, `unsupported type: ${String(element.type)}`);
    else if (element.type === 'text') problems.text(element, 'text', place, 100_000);
    else if (element.type === 'link' && !(typeof element.url === 'string' && element.url !== '')) {
      problems.add(place, 'missing required field: url');
    }
    if (element.style !== undefined && !isFields(element.style))
      problems.add(`${place}/style`, 'must provide an object');
  });
}
