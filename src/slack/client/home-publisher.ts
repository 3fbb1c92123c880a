import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { Board } from '../../run/board.js';
import type { MessageRef } from '../../run/message.js';
import { homeBlocks, linkKey, messageOf } from '../messages/home/home.js';
import { call, permalink } from './web.js';

/** The cache keeps so many addresses of messages. */
const MAX_LINKS = 1_000;

/** Draws App Home. Errors are `RemoteError`s. */
export function createHomePublisher(client: WebClient) {
  const links = new Map<string, string>();

  const cacheLink = async (message: MessageRef): Promise<void> => {
    const link = links.get(linkKey(message)) ?? (await permalink(client, message));
    if (link) links.set(linkKey(message), link);
    for (const oldest of links.keys()) {
      if (links.size <= MAX_LINKS) break;
      links.delete(oldest);
    }
  };

  /** Draws a person's board, unless `last` is the same drawing; returns the drawing. */
  return async ({ user }: Person, board: Board, last?: string): Promise<string> => {
    for (const run of [...board.waiting, ...board.started, ...board.recent]) {
      const message = messageOf(run);
      if (message) await cacheLink(message);
    }
    const blocks = homeBlocks(board, links);
    const drawn = JSON.stringify(blocks);
    if (drawn !== last) {
      await call('views.publish', () =>
        client.views.publish({ user_id: user, view: { type: 'home', blocks } }),
      );
    }
    return drawn;
  };
}
