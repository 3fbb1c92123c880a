import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from '../faults.js';
import type { WorkspaceState } from '../state.js';
import { strikes } from '../web-api/index.js';
import type { Files } from './files.js';

/** Types that are shown as images. Other files are text or downloads, so that no upload can run as a page. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Name of the upload step in a {@link Faults} rule, because it is no Web API method. */
export const UPLOAD = 'upload';

/** Receives an upload: raw bytes, or a form with the file. */
export async function receiveUpload(
  { files, faults }: { files: Files; faults: Faults },
  ticket: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const fault = faults.take(UPLOAD);
  if (fault && (await strikes(fault, request, response))) return;
  const content = await contentOf(request.headers['content-type'] ?? '', body);
  const problem = content ? files.receive(ticket, content) : 'There is no file in the form';
  if (fault?.kind === 'lose-answer') request.socket.destroy();
  else if (problem) response.writeHead(400, { 'content-type': 'text/plain' }).end(problem);
  else response.writeHead(200, { 'content-type': 'text/plain' }).end(`OK - ${content?.length}`);
}

async function contentOf(type: string, body: Buffer): Promise<Buffer | undefined> {
  if (!type.startsWith('multipart/form-data')) return body;
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  const file = [...form.values()].find((value) => typeof value !== 'string');
  return file && Buffer.from(await file.arrayBuffer());
}

/** Sends a file. The caller has already checked access. */
export function sendFile(
  { state, files }: { state: WorkspaceState; files: Files },
  id: string,
  asDownload: boolean,
  response: ServerResponse,
): void {
  const file = state.data.files[id];
  const content = file && files.contents.get(id);
  if (!content) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('This file is not kept here any more.');
    return;
  }
  const { mimetype, name } = file;
  const isText = mimetype.startsWith('text/');
  response.writeHead(200, {
    'content-type': IMAGES.has(mimetype)
      ? mimetype
      : isText
        ? 'text/plain; charset=utf-8'
        : 'application/octet-stream',
    'content-length': content.length,
    'content-disposition': `${asDownload ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(content);
}
