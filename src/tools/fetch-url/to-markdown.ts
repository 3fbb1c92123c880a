import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import Turndown from 'turndown';
import type { ReadablePage } from './read-html.js';

/** An article shorter than this, in characters, is ignored if the page holds much more text. */
const SHORT_ARTICLE = 500;
const NOISE = 'script, style, noscript, template, svg, iframe, object, embed, canvas, form, nav, link, meta';

/** Extracts the readable part of an HTML page: its article, or else all of its text. */
export function htmlToMarkdown(html: string, url: string): ReadablePage {
  const { document } = parseHTML(whole(html));
  const named = document.querySelector('title');
  if (named && document.title === '') document.head.append(named);
  const base = document.createElement('base');
  base.setAttribute('href', url);
  if (!document.querySelector('base[href]')) document.head?.prepend(base);
  const all = document.cloneNode(true) as typeof document;
  const article = new Readability(document).parse();
  for (const node of all.querySelectorAll(NOISE)) node.remove();
  const own = all.body.textContent?.trim().length ?? 0;
  const isArticle = article?.content && ((article.length ?? 0) >= SHORT_ARTICLE || own < SHORT_ARTICLE * 2);
  const title = (article?.title || document.title).replaceAll(/\s+/g, ' ').trim();
  return { title, markdown: toMarkdown(isArticle ? (article.content ?? '') : all.body.innerHTML) };
}

/** HTML allows a page without `html`, `head` and `body`; the parser doesn't. */
function whole(html: string): string {
  if (/<html[\s>]/i.test(html) && /<body[\s>]/i.test(html)) return html;
  const inner = html.replaceAll(/<!doctype[^>]*>|<\/?(?:html|head|body)(?:\s[^>]*)?>/gi, '');
  return `<!doctype html><html><head></head><body>${inner}</body></html>`;
}

function toMarkdown(html: string): string {
  const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  turndown.addRule('picture', {
    filter: 'img',
    // An image becomes its alternative text, because its address may hold a megabyte of data.
    replacement: (_, node) => {
      const alt = (node as unknown as Element).getAttribute('alt')?.trim();
      return alt ? `[Image: ${alt}]` : '';
    },
  });
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
      const isFirst = (node as unknown as Element).closest('table')?.querySelector('tr') === node;
      return isFirst ? `\n|${text}\n|${' --- |'.repeat(node.childNodes.length)}` : `\n|${text}`;
    },
  });
  turndown.addRule('section', { filter: ['thead', 'tbody', 'tfoot'], replacement: (text) => text });
  turndown.addRule('table', { filter: 'table', replacement: (text) => `\n\n${text.trim()}\n\n` });
  return turndown.turndown(html).trim();
}

/** The used part of an element. The library's types are those of a browser. */
interface Element {
  getAttribute(name: string): string | null;
  closest(selector: string): { querySelector(selector: string): unknown } | null;
}
