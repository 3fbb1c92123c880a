import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Longest sentence in docs and comments, in words. */
const MAX_WORDS = 25;

/** Openings that leave a sentence without a noun for its subject. */
const NO_SUBJECT = /^(?:What|Who|Whether|So many)\b/;

/** A sentence or a link that breaks a rule of the project's English. */
export interface ProseFault {
  file: string;
  /** 1-based line on which the paragraph or comment begins. */
  line: number;
  fault: string;
  text: string;
}

interface Paragraph {
  line: number;
  text: string;
}

/** Finds faults in a Markdown or TypeScript source: sentences that are too long or lack a subject, and dead links in Markdown. */
export function findProseFaults(file: string, source: string, root: string): ProseFault[] {
  const isMarkdown = file.endsWith('.md');
  const paragraphs = isMarkdown ? paragraphsOf(source) : commentsOf(source);
  const faults = paragraphs.flatMap(({ line, text }) =>
    sentencesOf(text).flatMap((sentence) =>
      faultsOf(sentence).map((fault) => ({ file, line, fault, text: sentence })),
    ),
  );
  return isMarkdown ? [...faults, ...findDeadLinks(file, source, root)] : faults;
}

function faultsOf(sentence: string): string[] {
  const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return [
    ...(words > MAX_WORDS ? [`${words} words`] : []),
    ...(NO_SUBJECT.test(sentence) ? ['no noun for a subject'] : []),
  ];
}

/** Sentences of a text. A code span counts as one word, a link as the words of its label. */
function sentencesOf(text: string): string[] {
  const plain = text
    .replaceAll(/`[^`]*`/g, '`code`')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '[$1]')
    .replaceAll(/[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}/g, '')
    .replaceAll(/\b(?:e\.g|i\.e|vs)\./g, '$&,')
    .replaceAll(/\s+/g, ' ');
  return plain
    .split(/(?<=[.!?][”")’]?) (?=[\p{Lu}\p{N}`“"([])/u)
    .map((sentence) => sentence.replaceAll(/[[\]]/g, '').trim())
    .filter((sentence) => sentence !== '');
}

/** Paragraphs and list items of a Markdown text, without code, tables, headings and HTML. */
function paragraphsOf(source: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let isCode = false;
  let open: Paragraph | undefined;
  for (const [index, line] of source.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const isProse = !isCode && !/^\s*(```|~~~|\||#|<|$)/.test(line);
    const isItem = /^\s*(?:[-*]|\d+\.) /.test(line);
    if (!isProse || isItem) open = undefined;
    if (!isProse) continue;
    if (!open) {
      open = { line: index + 1, text: '' };
      paragraphs.push(open);
    }
    open.text += ` ${line.replace(/^\s*(?:[-*>]|\d+\.) /, '').trim()}`;
  }
  return paragraphs;
}

/** Doc comments and line comments of a TypeScript source. Each tag and each paragraph is a separate text. */
function commentsOf(source: string): Paragraph[] {
  const comments: Paragraph[] = [];
  const pattern = /^[ \t]*\/\*\*([\s\S]*?)\*\/|((?:^[ \t]*\/\/(?!\/).*\n?)+)/gm;
  for (const match of source.matchAll(pattern)) {
    const [, doc, lines] = match;
    const line = source.slice(0, match.index).split('\n').length;
    const text = doc?.replaceAll(/^[ \t]*\* ?/gm, '') ?? lines?.replaceAll(/^[ \t]*\/\/ ?/gm, '') ?? '';
    for (const part of text.split(/\n\s*\n|\n(?=@)|\n(?=- )/)) {
      const prose = part.trim().replace(/^@(?:param|throws|returns|default)(?: \w+)? ?|^- /, '');
      if (prose !== '' && !/^biome-ignore|^shellcheck|^@ts-/.test(prose))
        comments.push({ line, text: prose });
    }
  }
  return comments;
}

function findDeadLinks(file: string, source: string, root: string): ProseFault[] {
  const faults: ProseFault[] = [];
  let isCode = false;
  for (const [index, text] of source.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(text)) isCode = !isCode;
    if (isCode) continue;
    for (const [, target = ''] of text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:https?|mailto):/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const to = path === '' ? file : join(dirname(file), path);
      const fault = linkFault(join(root, to), anchor);
      if (fault) faults.push({ file, line: index + 1, fault, text: target });
    }
  }
  return faults;
}

function linkFault(path: string, anchor: string | undefined): string | undefined {
  if (!existsSync(path)) return 'leads nowhere';
  if (anchor === undefined || !path.endsWith('.md')) return undefined;
  const anchors = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    anchorOf(heading),
  );
  return anchors.includes(anchor) ? undefined : 'there is no such heading';
}

/** Anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** Faults of all the project's texts: Markdown files and the comments of TypeScript files. */
export function checkProject(root: string): ProseFault[] {
  const folders = ['docs', 'src', 'sandbox', 'test', 'bench', 'scripts'];
  const files = [
    ...readdirSync(root),
    ...folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    ),
  ].filter((path) => /\.(?:md|tsx?)$/.test(path));
  return files.flatMap((file) => findProseFaults(file, readFileSync(join(root, file), 'utf8'), root));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const faults = checkProject(process.cwd()).filter(({ file }) => file.startsWith(process.argv[2] ?? ''));
  for (const { file, line, fault, text } of faults) console.log(`${file}:${line}: ${fault}: ${text}`);
  console.log(`${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
