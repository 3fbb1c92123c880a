import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import Turndown from 'turndown';
import { addRules } from './markdown-rules.js';
import type { ReadablePage } from './read-html.js';

/** An article shorter than this, in characters, is ignored if the page holds much more text. */
const SHORT_ARTICLE = 500;
type Document = ReturnType<typeof parseHTML>['document'];

const NOISE = 'script, style, noscript, template, svg, iframe, object, embed, canvas, form, nav, link, meta';

/** Extracts the readable part of an HTML page: its article, or else all of its text. */
export function htmlToMarkdown(html: string, url: string): ReadablePage {
  const { document } = parseHTML(whole(html));
  const named = document.querySelector('title');
  if (named && document.title === '') document.head.append(named);
  resolveLinks(document, url);
  for (const end of document.querySelectorAll('pre br')) end.replaceWith('\n');
  const all = document.cloneNode(true) as typeof document;
  const article = new Readability(document, { keepClasses: true }).parse();
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
  addRules(turndown);
  return turndown.turndown(html).trim();
}

/** Makes the addresses of links whole: by the page's `<base>`, which may be relative itself, or by the page's address. */
function resolveLinks(document: Document, url: string): void {
  const own = document.querySelector('base[href]')?.getAttribute('href') ?? '';
  const named = URL.canParse(own, url) ? new URL(own, url) : undefined;
  const base = named && /^https?:$/.test(named.protocol) ? named.href : url;
  for (const link of document.querySelectorAll('a[href]')) {
    const href = link.getAttribute('href') ?? '';
    if (URL.canParse(href, base)) link.setAttribute('href', new URL(href, base).href);
  }
}
