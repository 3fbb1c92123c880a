import type { WebClient } from '@slack/web-api';
import type { Directory, Messenger } from '../../activities/ports.js';
import { type Cards, createCards } from './cards.js';
import { createNotices } from './notices.js';
import { createPrivateMessages } from './send-privately.js';
import { createThreadMessages } from './thread-messages.js';
import { Uploads } from './uploads.js';

/** Combines everything that a run posts to Slack. Each post is made once. Errors are `RemoteError`s. */
export function createMessenger(
  client: WebClient,
  directory: Pick<Directory, 'members'>,
  uploads = new Uploads(client),
): Messenger & Cards {
  return {
    ...createCards(client),
    ...createThreadMessages(client, uploads),
    ...createNotices(client, directory),
    ...createPrivateMessages(client),
  };
}
