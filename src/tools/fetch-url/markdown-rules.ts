import type Turndown from 'turndown';

/** The used part of an element. The library's types are those of a browser. */
interface Element {
  textContent: string | null;
  className?: string;
  firstChild: Element | null;
  childNodes: { length: number };
  getAttribute(name: string): string | null;
  closest(selector: string): { querySelector(selector: string): unknown } | null;
}

const elementOf = (node: unknown) => node as Element;

/** Adds rules for elements that have no Markdown of their own, or that the library reads wrongly. */
export function addRules(turndown: Turndown): void {
  turndown.addRule('picture', {
    filter: 'img',
    // An image becomes its alternative text, because its address may hold a megabyte of data.
    replacement: (_, node) => {
      const alt = elementOf(node).getAttribute('alt')?.trim();
      return alt ? `[Image: ${alt}]` : '';
    },
  });
  turndown.addRule('raised', { filter: 'sup', replacement: (text) => marked('^', text) });
  turndown.addRule('lowered', { filter: 'sub', replacement: (text) => marked('_', text) });
  turndown.addRule('deleted', {
    filter: ['del', 's', 'strike' as 's'],
    replacement: (text) => (text.trim() === '' ? text : `~~${text.trim()}~~`),
  });
  // The library knows `pre` with `code` as its first child only, and would escape the rest.
  turndown.addRule('preformatted', {
    filter: 'pre',
    replacement: (_, node) => {
      const pre = elementOf(node);
      const code = (pre.textContent ?? '').replace(/^\n/, '').trimEnd();
      const runs = code.match(/`{3,}/g) ?? [];
      const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3));
      return `\n\n${fence}${languageOf(pre)}\n${code}\n${fence}\n\n`;
    },
  });
  addTableRules(turndown);
}

/** Marks what stands above or below the line: `10^6`, `x^(n+1)`. Ordinals and references stay as they are. */
function marked(mark: string, text: string): string {
  const raised = text.trim();
  if (raised === '' || /^(?:st|nd|rd|th)$/i.test(raised) || /^\\?\[/.test(raised)) return text;
  return /^[\p{L}\p{N}]+$/u.test(raised) ? `${mark}${raised}` : `${mark}(${raised})`;
}

function languageOf(pre: Element): string {
  const classes = `${pre.className ?? ''} ${pre.firstChild?.className ?? ''}`;
  return /\b(?:language|lang)-([\w+#-]+)/.exec(classes)?.[1] ?? '';
}

function addTableRules(turndown: Turndown): void {
  turndown.addRule('cell', {
    filter: ['th', 'td'],
    replacement: (text) =>
      ` ${text
        .replaceAll(/\s*\n\s*/g, ' ')
        .trim()
        .replaceAll('|', '\\|')} |`,
  });
  turndown.addRule('row', {
    filter: 'tr',
    replacement: (text, node) => {
      const row = elementOf(node);
      const isFirst = row.closest('table')?.querySelector('tr') === node;
      return isFirst ? `\n|${text}\n|${' --- |'.repeat(row.childNodes.length)}` : `\n|${text}`;
    },
  });
  turndown.addRule('section', { filter: ['thead', 'tbody', 'tfoot'], replacement: (text) => text });
  turndown.addRule('table', { filter: 'table', replacement: (text) => `\n\n${text.trim()}\n\n` });
}
