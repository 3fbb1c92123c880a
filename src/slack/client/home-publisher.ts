import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { Board } from '../../run/board.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { homeBlocks, linkKey, messageOf } from '../messages/home/home.js';
import { permalink } from './web.js';

/** Limit for the cached links to messages. */
const MAX_LINKS = 1_000;

/** A drawing of App Home. `digest`: equal drawings have the same. */
export interface HomeDrawing {
  digest: string;
  publish(): Promise<void>;
}

/** Creates the function that draws a person's board and schedules. Errors are `RemoteError`s. */
export function createHomePublisher(client: WebClient) {
  const links = new Map<string, string>();

  return async (
    { user }: Person,
    { board, schedules }: { board: Board; schedules?: ScheduleSummary[] },
  ): Promise<HomeDrawing> => {
    for (const run of [...board.waiting, ...board.started, ...board.recent]) {
      const message = messageOf(run);
      if (!message || links.has(linkKey(message))) continue;
      const link = await permalink(client, message);
      if (link) links.set(linkKey(message), link);
    }
    const blocks = homeBlocks(board, links, schedules);
    for (const oldest of [...links.keys()].slice(0, -MAX_LINKS)) links.delete(oldest);
    return {
      digest: createHash('sha256').update(JSON.stringify(blocks)).digest('hex'),
      async publish() {
        await client.views.publish({ user_id: user, view: { type: 'home', blocks } });
      },
    };
  };
}
