import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { context } from '../messages/kit/blocks.js';
import { paginate } from '../messages/kit/paginate.js';
import type { Attachment } from '../messages/kit/payload.js';
import { preformatted } from '../messages/kit/rich-text.js';
import { code } from '../messages/kit/text.js';
import { type Place, postOnce } from './post-once.js';
import { uploadOnce } from './upload-once.js';

/** Puts a text into a thread whole: as a file, or as messages where Slack takes none. */
export async function attach(
  client: WebClient,
  place: Place,
  attachment: Attachment,
  once: PostOnce,
): Promise<void> {
  if (await attachFile(client, place, attachment, once)) return;
  const pages = paginate(preformatted(attachment.text));
  for (const [index, blocks] of pages.entries()) {
    // The text doesn't name the file: a second attempt would take the message for the file.
    const text = `The whole of it, part ${index + 1} of ${pages.length}`;
    const head = context(`${code(attachment.name)}, part ${index + 1} of ${pages.length}`);
    const post = { ...place, text, blocks: [head, ...blocks] };
    await postOnce(client, post, { ...once, key: `${once.key}/${index + 1}` });
  }
}

/** False when Slack takes no files here. */
export function attachFile(
  client: WebClient,
  place: Place,
  { name, text }: Attachment,
  once: PostOnce,
): Promise<boolean> {
  return uploadOnce(client, { ...place, name, text, comment: `The whole of it: ${code(name)}` }, once);
}
