import { cut } from '../../../src/platform/cut.js';
import type { SharedFile } from '../protocol.js';

type Kind = Pick<SharedFile, 'mimetype' | 'filetype' | 'prettyType'>;

const kind = (filetype: string, mimetype: string, prettyType: string): Kind => ({
  filetype,
  mimetype,
  prettyType,
});

/** Kinds by file extension. Source: Slack's "File object", file types. Slack serves most texts as `text/plain`. */
const KINDS: Record<string, Kind> = {
  txt: kind('text', 'text/plain', 'Plain Text'),
  log: kind('text', 'text/plain', 'Plain Text'),
  md: kind('markdown', 'text/plain', 'Markdown'),
  json: kind('json', 'text/plain', 'JSON'),
  yml: kind('yaml', 'text/plain', 'YAML'),
  yaml: kind('yaml', 'text/plain', 'YAML'),
  csv: kind('csv', 'text/csv', 'CSV'),
  html: kind('html', 'text/html', 'HTML'),
  xml: kind('xml', 'text/plain', 'XML'),
  diff: kind('diff', 'text/plain', 'Diff'),
  js: kind('javascript', 'text/plain', 'JavaScript'),
  ts: kind('typescript', 'text/plain', 'TypeScript'),
  py: kind('python', 'text/plain', 'Python'),
  sh: kind('shell', 'text/plain', 'Shell'),
  sql: kind('sql', 'text/plain', 'SQL'),
  png: kind('png', 'image/png', 'PNG'),
  jpg: kind('jpg', 'image/jpeg', 'JPEG'),
  jpeg: kind('jpg', 'image/jpeg', 'JPEG'),
  gif: kind('gif', 'image/gif', 'GIF'),
  webp: kind('webp', 'image/webp', 'WebP'),
  pdf: kind('pdf', 'application/pdf', 'PDF'),
  zip: kind('zip', 'application/zip', 'Zip'),
};

const BINARY = kind('binary', 'application/octet-stream', 'Binary');

/** Kind of a file, by its name. */
export function kindOf(name: string): Kind {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(KINDS, ending) && KINDS[ending]) || BINARY;
}

/** Limits for a preview, in lines and in characters. */
const PREVIEW_LINES = 8;
const PREVIEW_LENGTH = 800;

/** First lines of a text file, and its number of lines; empty for other files. */
export function previewOf(mimetype: string, content: Buffer): Pick<SharedFile, 'preview' | 'lines'> {
  if (!mimetype.startsWith('text/') || content.includes(0)) return {};
  const lines = content.toString('utf8').replace(/\n$/, '').split('\n');
  const preview = cut(lines.slice(0, PREVIEW_LINES).join('\n'), PREVIEW_LENGTH);
  return { preview, lines: lines.length };
}
