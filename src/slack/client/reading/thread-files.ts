import type { WebClient } from '@slack/web-api';
import { showHidden } from '../../../approval/hidden-text.js';
import { cut } from '../../../platform/cut.js';
import { RemoteError } from '../../../platform/errors.js';
import type { FileContent, FileKind, ThreadFile, UnreadFile } from '../../../run/thread.js';
import { clip } from '../../messages/kit/text.js';
import { type DownloadFile, MAX_FILE_BYTES, SIGN_IN, TOO_LARGE } from './download-file.js';

/** A file of Slack, as far as it is used. In a shared channel it may hold its id alone. */
export interface SlackFile {
  id?: string;
  name?: string | null;
  title?: string | null;
  mimetype?: string;
  filetype?: string;
  pretty_type?: string;
  size?: number;
  mode?: string;
  file_access?: string;
  is_external?: boolean;
  url_private?: string;
  original_w?: number | string;
  original_h?: number | string;
  [thumb: `thumb_${number}`]: string | undefined;
}

/** A file, and the name of who shared it. */
export interface SharedFile {
  file: SlackFile;
  by: string;
}

export type ReadFile = (
  file: { kind: FileKind; bytes: Buffer; maxChars: number },
  signal?: AbortSignal,
) => Promise<FileContent | { why: string }>;

export interface FilePorts {
  client: WebClient;
  download: DownloadFile;
  readFile: ReadFile;
  /** Time after which no further file is begun, in milliseconds. @default 90 s */
  filesWithinMs?: number;
}

/** One file takes about a minute where its host doesn't answer, and an attempt of the activity five at most. */
const FILES_WITHIN_MS = 90_000;

/** Limits for the files of a thread. Each run in the workflow's cache holds them, and the model rereads all of it in each turn. */
const LIMITS = { files: 10, tried: 30, textChars: 100_000, textCharsOfOne: 50_000, imageChars: 1_000_000 };
/** Largest original of an image that is read; of a larger one Slack's own smaller copy is. Claude takes no larger edge with over 20 images. */
const ORIGINAL = { bytes: 300_000, edge: 2_000 };
const THUMBS = [1024, 960, 800, 720, 480, 360] as const;
const NAME_CHARS = 100;

/** Reads files, the newest first until a limit is reached. `files` and `unread` are in the order of the thread. */
export async function readFiles(
  { filesWithinMs = FILES_WITHIN_MS, ...ports }: FilePorts,
  shared: SharedFile[],
  signal?: AbortSignal,
): Promise<{ files: ThreadFile[]; unread: UnreadFile[] }> {
  const files: ThreadFile[] = [];
  const unread: UnreadFile[] = [];
  const left = { chars: LIMITS.textChars, images: LIMITS.imageChars };
  const newest = shared.toReversed();
  const deadline = performance.now() + filesWithinMs;
  for (const [tried, { file, by }] of newest.entries()) {
    const isLate = performance.now() > deadline;
    if (isLate || files.length === LIMITS.files || tried === LIMITS.tried || left.chars === 0) {
      const rest = newest.length - tried;
      unread.unshift({
        name: rest === 1 ? 'an older file' : `${rest} older files`,
        why: isLate ? 'Slack took too long' : 'there are too many',
      });
      break;
    }
    const read = await readOne(ports, file, left, signal);
    const name = nameOf(read.file);
    if ('why' in read) {
      unread.unshift({ name, why: read.why });
      continue;
    }
    const { content } = read;
    if (content.kind === 'image') left.images -= content.data.length;
    else left.chars -= content.text.length;
    files.unshift({ name, by, content });
  }
  return { files, unread };
}

type Read = { file: SlackFile } & ({ content: FileContent } | { why: string });

async function readOne(
  { client, download, readFile }: FilePorts,
  shown: SlackFile,
  left: { chars: number; images: number },
  signal?: AbortSignal,
): Promise<Read> {
  const found = shown.file_access === 'check_file_info' ? await look(client, shown) : shown;
  if ('why' in found) return { file: shown, why: found.why };
  const file: SlackFile = found;
  const why = whyNot(file);
  const kind = kindOf(file);
  if (why !== undefined || kind === undefined) {
    return { file, why: why ?? `its type (${typeOf(file)}) can't be read` };
  }
  const isHtml = kind === 'text' && /html/.test(`${file.mimetype} ${file.filetype}`);
  const address = (kind === 'image' && smallerCopy(file)) || (file.url_private ?? '');
  const got = await download(address, { maxBytes: MAX_FILE_BYTES, isHtml, signal });
  if ('why' in got) return { file, why: got.why };
  // A page of another size is not the file, but the one in which people sign in.
  if (isHtml && got.bytes.length !== file.size) return { file, why: SIGN_IN };
  const maxChars = Math.min(left.chars, LIMITS.textCharsOfOne);
  const read = await readFile({ kind, bytes: got.bytes, maxChars }, signal);
  if ('why' in read) return { file, why: read.why };
  if (read.kind === 'text') return { file, content: visibleText(read, maxChars) };
  return read.data.length > left.images
    ? { file, why: 'the thread holds too many images' }
    : { file, content: read };
}

/** A text with what is hidden in it written out, which can make it longer: it is cut once more. */
function visibleText(read: Extract<FileContent, { kind: 'text' }>, maxChars: number): FileContent {
  const text = showHidden(read.text);
  if (text.length <= maxChars) return { ...read, text };
  return { kind: 'text', text: cut(text, maxChars), isCut: true };
}

/** Slack shows a file of another organization's by its id, until it is asked about it. Source: Slack's "Slack Connect", files. */
async function look(client: WebClient, shown: SlackFile): Promise<SlackFile | { why: string }> {
  try {
    const { file } = await client.files.info({ file: shown.id ?? '' });
    return (file ?? shown) as SlackFile;
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
    return { why: WHY[error.code] ?? `Slack says ${error.code}` };
  }
}

/** Reasons by a file's mode, by its access, and by Slack's error codes. */
const WHY: Record<string, string> = {
  tombstone: 'it was deleted',
  file_deleted: 'it was deleted',
  hidden_by_limit: "Slack hides it: it is over the limit of the workspace's plan",
  external: 'it is kept outside of Slack',
  access_denied: 'I may not see it',
  file_not_found: "I can't see it",
  missing_scope: 'the app needs the scope files:read',
};

function whyNot({ mode = '', file_access = '', is_external, size = 0 }: SlackFile): string | undefined {
  const why = WHY[mode] ?? WHY[file_access] ?? (is_external ? WHY.external : undefined);
  return why ?? (size > MAX_FILE_BYTES ? TOO_LARGE : undefined);
}

const TEXT = /^(text\/|application\/(.+\+)?(json|xml|x?yaml|x-yaml|javascript|x-sh|sql|toml|csv)$)/;
const TEXT_ENDING = /\.(txt|md|csv|tsv|json|ya?ml|xml|log|diff|patch|sql|toml|ini)$/i;
const IMAGE = /^image\/(png|jpe?g|gif|webp)$/;

function kindOf({ mimetype = '', name }: SlackFile): FileKind | undefined {
  if (IMAGE.test(mimetype)) return 'image';
  if (mimetype === 'application/pdf') return 'pdf';
  return TEXT.test(mimetype) || TEXT_ENDING.test(name ?? '') ? 'text' : undefined;
}

/** Slack's name of the type, in plain letters: people choose a part of it. */
function typeOf({ pretty_type, filetype }: SlackFile): string {
  const type = (pretty_type || filetype || '').replaceAll(/[^A-Za-z0-9 .+-]/g, '').slice(0, 40);
  return type || 'unknown';
}

/** Address of Slack's largest smaller copy of an image, if the image is large. */
function smallerCopy(file: SlackFile): string | undefined {
  const edge = Math.max(Number(file.original_w ?? 0), Number(file.original_h ?? 0));
  if ((file.size ?? 0) <= ORIGINAL.bytes && edge <= ORIGINAL.edge) return undefined;
  return THUMBS.map((width) => file[`thumb_${width}`]).find((address) => address);
}

/** Name of a file in one line. Slack names no deleted or hidden file. */
function nameOf({ name, title, id }: SlackFile): string {
  const shown = showHidden(name || title || `file ${id ?? ''}`);
  return clip(shown.replaceAll(/\s+/g, ' ').trim(), NAME_CHARS);
}
