import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../../activities/ports.js';
import { context } from '../../messages/kit/blocks.js';
import { paginate } from '../../messages/kit/paginate.js';
import type { Attachment } from '../../messages/kit/payload.js';
import { preformatted } from '../../messages/kit/rich-text.js';
import { code } from '../../messages/kit/text.js';
import { type Place, postAllOnce, threadPlace } from '../post-once.js';
import type { Uploads } from './uploads.js';

/**
 * Posts a whole text into a thread: as a file, or as messages where no file shows.
 *
 * @returns The place for the next message: another one if the thread is gone.
 */
export async function attach(
  client: WebClient,
  uploads: Uploads,
  place: Place & Attachment,
  once: PostOnce,
): Promise<Place> {
  const { name, text: whole, ...thread } = place;
  if (await uploads.share(place, once)) return thread;
  const posts = paginate(preformatted(whole)).map((blocks, at, { length }) => {
    const part = `part ${at + 1} of ${length}`;
    // The text doesn't contain the file's name: a retry searches for that name, and would find this message instead.
    const text = `Full text, ${part}`;
    const head = context(`${code(name)}, ${part}`);
    return { ...thread, text, blocks: [head, ...blocks], key: `${once.key}/${at + 1}` };
  });
  const [first] = await postAllOnce(client, posts, once);
  return first ? threadPlace(first) : thread;
}
