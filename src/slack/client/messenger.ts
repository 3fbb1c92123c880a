import type { WebClient } from '@slack/web-api';
import type { Messenger } from '../../activities/ports.js';
import type { Directory } from '../permissions/directory.js';
import { type Cards, createCards } from './cards.js';
import { Uploads } from './files/uploads.js';
import { createNotices } from './notices.js';
import { createPrivateMessages } from './send-privately.js';
import { createEndingNotices, createRequesterNotices } from './tell-requester.js';
import { createThreadMessages } from './thread-messages.js';

/** Combines everything that a run posts to Slack. Each post is made once. Errors are `RemoteError`s. */
export function createMessenger(
  client: WebClient,
  directory: Pick<Directory, 'members' | 'isInChannel' | 'namesOf'>,
  uploads = new Uploads(client),
): Messenger & Cards {
  const requester = createRequesterNotices(client, directory);
  return {
    ...createCards(client, requester),
    ...createThreadMessages(client, uploads, requester),
    ...createEndingNotices(requester),
    ...createNotices(client, directory),
    ...createPrivateMessages(client),
  };
}
