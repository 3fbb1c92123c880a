import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { Board } from '../../run/board.js';
import type { MessageRef } from '../../run/run.js';
import { homeBlocks, keyOf, placeOf } from '../messages/home/home.js';
import { call, permalink } from './web.js';

/** So many addresses of messages are remembered. */
const MAX_LINKS = 1_000;

/** Draws App Home. Errors are `RemoteError`s. */
export function createHomePublisher(client: WebClient) {
  const links = new Map<string, string>();

  const learn = async (place: MessageRef): Promise<void> => {
    const link = links.get(keyOf(place)) ?? (await permalink(client, place));
    if (link) links.set(keyOf(place), link);
    for (const oldest of links.keys()) {
      if (links.size <= MAX_LINKS) break;
      links.delete(oldest);
    }
  };

  /** Draws a person's board, unless `last` says that it shows the same already; returns what it shows now. */
  return async ({ user }: Person, board: Board, last?: string): Promise<string> => {
    for (const run of [...board.waiting, ...board.started, ...board.recent]) {
      const place = placeOf(run);
      if (place) await learn(place);
    }
    const blocks = homeBlocks(board, links);
    const shows = JSON.stringify(blocks);
    if (shows !== last) {
      await call('views.publish', () =>
        client.views.publish({ user_id: user, view: { type: 'home', blocks } }),
      );
    }
    return shows;
  };
}
