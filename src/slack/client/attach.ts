import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../platform/errors.js';
import { context } from '../messages/kit/blocks.js';
import { paginate } from '../messages/kit/paginate.js';
import type { Attachment } from '../messages/kit/payload.js';
import { preformatted } from '../messages/kit/rich-text.js';
import { code } from '../messages/kit/text.js';
import { lookUp, type Place, postAllOnce, threadPlace } from './post-once.js';

/** Time-out of the file's bytes, in milliseconds. */
const UPLOAD_TIMEOUT_MS = 30_000;

/**
 * Posts a whole text into a thread: as a file, or as messages where Slack takes no file.
 *
 * @returns The place for the next message: another one if the thread is gone.
 */
export async function attach(client: WebClient, place: Place & Attachment, once: PostOnce): Promise<Place> {
  const { name, text: whole, ...thread } = place;
  if (await attachFile(client, place, once)) return thread;
  const posts = paginate(preformatted(whole)).map((blocks, at, { length }) => {
    const part = `part ${at + 1} of ${length}`;
    // The text doesn't contain the file's name: `attachFile` searches for that name, and would find this message instead.
    const text = `The whole of it, ${part}`;
    const head = context(`${code(name)}, ${part}`);
    return { ...thread, text, blocks: [head, ...blocks], key: `${once.key}/${at + 1}` };
  });
  const [first] = await postAllOnce(client, posts, once);
  return first ? threadPlace(first) : thread;
}

/**
 * Uploads a text as a file, unless an earlier attempt did. An upload takes no metadata, so the file is found by its name, which is unique
 * in the thread. The search reads the messages' files, or their comments where the app may not read files.
 *
 * @returns False when Slack takes no file here: the app lacks the scope, or files are switched off.
 */
export async function attachFile(
  client: WebClient,
  { channel, thread, name, text }: Place & Attachment,
  { lookSince }: PostOnce,
): Promise<boolean> {
  const asked = { channel, ...(thread && { thread }) };
  const { found, place } = await lookUp(
    client,
    { ...asked, since: lookSince },
    ({ text = '', files = [] }) => {
      return text.includes(name) || files.some((file) => file.name === name || file.title === name);
    },
  );
  if (found) return true;
  try {
    const bytes = Buffer.from(text, 'utf8');
    const upload = await client.files.getUploadURLExternal({ filename: name, length: bytes.length });
    if (!upload.upload_url || !upload.file_id) return false;
    await send(upload.upload_url, bytes);
    await client.files.completeUploadExternal({
      files: [{ id: upload.file_id, title: name }],
      initial_comment: `The whole of it: ${code(name)}`,
      ...(place.thread ? { channel_id: channel, thread_ts: place.thread } : { channel_id: channel }),
    });
    return true;
  } catch (error) {
    if (error instanceof RemoteError && !error.retryable && !error.operatorCanFix) return false;
    throw error;
  }
}

async function send(url: string, bytes: Uint8Array): Promise<void> {
  let status: number;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    });
    ({ status } = answer);
    await answer.arrayBuffer();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Slack could not be reached for a file's upload: ${why}`;
    throw new RemoteError('unreachable', message, { retryable: true, cause: error });
  }
  if (status === 200) return;
  const retryable = status === 429 || status >= 500;
  throw new RemoteError('http_error', `Slack answered a file's upload with HTTP ${status}`, { retryable });
}
