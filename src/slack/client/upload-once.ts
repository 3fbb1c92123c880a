import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../errors.js';
import { findMessage, type Place } from './post-once.js';
import { call } from './web.js';

/** Time-out of the file's bytes, in milliseconds. */
const UPLOAD_TIMEOUT_MS = 30_000;

export interface Upload extends Place {
  /** Name with its extension; no other file in the thread may have it: a second attempt finds the file by its name. */
  name: string;
  text: string;
  /** Message with the file, in mrkdwn. It names the file. */
  comment: string;
}

/**
 * Uploads a text as a file unless an earlier attempt did. An upload takes no metadata, so the file is found by its name: in the message's
 * files, or, where the app may not read those, in the comment.
 *
 * @returns False when Slack takes no file here (the app lacks the scope, files are switched off).
 */
export async function uploadOnce(client: WebClient, upload: Upload, once: PostOnce): Promise<boolean> {
  const { channel, threadTs, name, text, comment } = upload;
  if (once.lookSince !== undefined) {
    const found = await findMessage(
      client,
      { channel, since: once.lookSince, ...(threadTs && { threadTs }) },
      (message) =>
        message.text?.includes(name) ||
        message.files?.some((file) => file.name === name || file.title === name),
    );
    if (found) return true;
  }
  const bytes = Buffer.from(text, 'utf8');
  try {
    const { upload_url, file_id } = await call('files.getUploadURLExternal', () =>
      client.files.getUploadURLExternal({ filename: name, length: bytes.length }),
    );
    if (!upload_url || !file_id) return false;
    await send(upload_url, bytes);
    const about = {
      files: [{ id: file_id, title: name }] as [{ id: string; title: string }],
      initial_comment: comment,
    };
    await call('files.completeUploadExternal', () =>
      client.files.completeUploadExternal(
        threadTs ? { ...about, channel_id: channel, thread_ts: threadTs } : { ...about, channel_id: channel },
      ),
    );
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
    const message = `Slack could not be reached for a file's upload: ${error instanceof Error ? error.message : String(error)}`;
    throw new RemoteError('unreachable', message, { retryable: true, cause: error });
  }
  if (status === 200) return;
  const retryable = status === 429 || status >= 500;
  throw new RemoteError('http_error', `Slack answered a file's upload with HTTP ${status}`, { retryable });
}
