import { RemoteError } from '../../../platform/errors.js';

/** Time-out of a file's bytes, in milliseconds. */
const UPLOAD_TIMEOUT_MS = 30_000;

/** Sends a file's bytes to the address that Slack gave for them. @throws RemoteError */
export async function sendBytes(url: string, bytes: Uint8Array): Promise<void> {
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
