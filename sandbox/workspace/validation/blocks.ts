import { textLength } from '../../../src/slack/messages/kit/paginate.js';
import { checkElement, ELEMENTS } from './elements.js';
import { LIMITS } from './limits.js';
import { type Fields, isFields, Problems } from './problems.js';
import { checkRichText } from './rich-text.js';
import { checkTable } from './table.js';
import { checkPlan, checkTaskCard } from './tasks.js';

type Surface = 'messages' | 'modal' | 'home';
type Check = (block: Fields, at: string, problems: Problems) => void;

/** Types that newer apps use; they are not checked. */
const UNCHECKED = ['video', 'file', 'card', 'container', 'alert', 'data_table', 'carousel'];

const BLOCKS: Record<string, Check> = {
  section(block, at, problems) {
    if (block.fields === undefined) problems.textObject(block, 'text', at, LIMITS.sectionText, false);
    else problems.optionalTextObject(block, 'text', at, LIMITS.sectionText, false);
    if (block.fields !== undefined) {
      problems.list(block, 'fields', at, [1, LIMITS.sectionFields], (field, place) =>
        problems.text(field, 'text', place, LIMITS.sectionFieldText),
      );
    }
    if (block.accessory) {
      checkElement(block.accessory, `${at}/accessory`, problems, ELEMENTS.accessory, new Set());
    }
  },
  header: (block, at, problems) => problems.textObject(block, 'text', at, LIMITS.headerText),
  divider: () => {},
  image(block, at, problems) {
    if (block.slack_file === undefined) problems.text(block, 'image_url', at, LIMITS.imageUrl);
    problems.text(block, 'alt_text', at, LIMITS.altText);
  },
  context(block, at, problems) {
    problems.list(block, 'elements', at, [1, LIMITS.contextElements], (element, place) => {
      if (element.type === 'image') problems.text(element, 'alt_text', place, LIMITS.altText);
      else if (element.type === 'mrkdwn' || element.type === 'plain_text') {
        problems.text(element, 'text', place, LIMITS.sectionText);
      } else problems.add(place, `unsupported type: ${String(element.type)}`);
    });
  },
  actions(block, at, problems) {
    const ids = new Set<string>();
    problems.list(block, 'elements', at, [1, LIMITS.actionsElements], (element, place) =>
      checkElement(element, place, problems, ELEMENTS.actions, ids),
    );
  },
  context_actions(block, at, problems) {
    problems.list(block, 'elements', at, [1, 5]);
  },
  input(block, at, problems) {
    problems.textObject(block, 'label', at, LIMITS.inputLabel);
    problems.optionalTextObject(block, 'hint', at, LIMITS.inputHint);
    checkElement(block.element, `${at}/element`, problems, ELEMENTS.input, new Set());
  },
  markdown: (block, at, problems) => problems.text(block, 'text', at, LIMITS.markdownText),
  rich_text: checkRichText,
  table: checkTable,
  plan: checkPlan,
  task_card: checkTaskCard,
};

/** Blocks that only messages may hold. Source: the surfaces in Slack's Block Kit reference. */
const MESSAGES_ONLY = ['table', 'plan', 'task_card'];

/** Errors of blocks, in Slack's words; empty for valid blocks. Source: Slack's Block Kit reference. */
export function blockProblems(blocks: unknown, surface: Surface, root = '/blocks'): string[] {
  const problems = new Problems();
  if (!Array.isArray(blocks)) {
    problems.add(root, 'must be an array');
    return problems.messages;
  }
  const max = surface === 'messages' ? LIMITS.messageBlocks : LIMITS.viewBlocks;
  if (blocks.length > max) problems.add(root, `no more than ${max} items allowed`);
  const ids = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    checkBlock(block, `${root}/${index}`, ids, problems);
    if (surface !== 'messages' && isFields(block) && MESSAGES_ONLY.includes(String(block.type)))
      problems.add(`${root}/${index}`, `unsupported type: ${String(block.type)}`);
  }
  return problems.messages;
}

function checkBlock(block: unknown, at: string, ids: Set<string>, problems: Problems): void {
  if (!isFields(block)) {
    problems.add(at, 'must provide an object');
    return;
  }
  const type = String(block.type);
  const check = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined;
  if (check) check(block, at, problems);
  else if (!UNCHECKED.includes(type)) problems.add(at, `unsupported type: ${type}`);
  problems.optionalText(block, 'block_id', at, LIMITS.id);
  if (typeof block.block_id !== 'string') return;
  if (ids.has(block.block_id))
    problems.add(`${at}/block_id`, `\`block_id\` "${block.block_id}" already exists`);
  ids.add(block.block_id);
}

/** True if the text of a message's blocks exceeds Slack's limit. */
export function isTooLong(blocks: unknown): boolean {
  return textLength(blocks) + titlesLength(blocks) > LIMITS.messageBlocksText;
}

/** Length of the titles of plans and tasks, which are strings and no text objects. */
function titlesLength(blocks: unknown): number {
  if (!Array.isArray(blocks)) return 0;
  return blocks.filter(isFields).reduce((sum: number, { title, tasks }) => {
    return sum + (typeof title === 'string' ? title.length : 0) + titlesLength(tasks);
  }, 0);
}

/** Number of tables; Slack takes one in a message. */
export function tablesIn(blocks: unknown): number {
  return Array.isArray(blocks)
    ? blocks.filter((block) => isFields(block) && block.type === 'table').length
    : 0;
}

/**
 * True if an update puts another kind of block where rich text was, or leaves no rich text. Slack's reference says no more than "Rich-text blocks
 * cannot be replaced with non-rich-text blocks"; this is the strict reading.
 */
export function losesRichText(before: { type: string }[] = [], after: { type: string }[] = []): boolean {
  const isRich = (block: { type: string } | undefined) => block?.type === 'rich_text';
  if (before.some(isRich) && !after.some(isRich)) return true;
  return before.some((block, at) => isRich(block) && after[at] !== undefined && !isRich(after[at]));
}

/** Gives each block and element an id, as Slack does. */
export function withIds(blocks: Fields[], newId: (prefix: string) => string): Fields[] {
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? newId('b'),
    ...(Array.isArray(block.elements) &&
      block.type === 'actions' && {
        elements: block.elements.map((element: Fields) => withActionId(element, newId)),
      }),
    ...(isFields(block.element) && { element: withActionId(block.element, newId) }),
    ...(isFields(block.accessory) && { accessory: withActionId(block.accessory, newId) }),
  }));
}

function withActionId(element: Fields, newId: (prefix: string) => string): Fields {
  return element.type === 'image' ? element : { ...element, action_id: element.action_id ?? newId('a') };
}
