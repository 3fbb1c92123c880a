import type { WebClient } from '@slack/web-api';
import type { Board } from '../core/board.js';
import type { Person } from '../core/person.js';
import type { MessageRef } from '../core/run.js';
import { homeBlocks } from './blocks/home.js';
import { call, permalink } from './web.js';

/** So many addresses of cards are remembered. */
const MAX_LINKS = 1_000;

/** Draws App Home. Errors are `RemoteError`s. */
export function createHomePublisher(client: WebClient) {
  const links = new Map<string, string>();

  const linkOf = async (card: MessageRef): Promise<string | undefined> => {
    const key = `${card.channel} ${card.ts}`;
    const link = links.get(key) ?? (await permalink(client, card));
    if (link) links.set(key, link);
    for (const oldest of links.keys()) {
      if (links.size <= MAX_LINKS) break;
      links.delete(oldest);
    }
    return link;
  };

  /** Draws a person's board, unless `last` says that it shows the same already; returns what it shows now. */
  return async ({ user }: Person, board: Board, last?: string): Promise<string> => {
    const shown = new Map<string, string>();
    for (const { runId, card } of [...board.waiting, ...board.started, ...board.recent]) {
      const link = card && (await linkOf(card));
      if (link) shown.set(runId, link);
    }
    const blocks = homeBlocks(board, shown);
    const shows = JSON.stringify(blocks);
    if (shows !== last) {
      await call('views.publish', () =>
        client.views.publish({ user_id: user, view: { type: 'home', blocks } }),
      );
    }
    return shows;
  };
}
