import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import type { Board } from '../../run/board.js';
import type { MessageRef } from '../../run/message.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { homeBlocks, linkKey, messageOf } from '../messages/home/home.js';
import { permalink } from './web/web.js';

/** Limit for the links to messages that are kept in memory. */
const MAX_LINKS = 1_000;

/** Links that any process of the service has asked for, by the messages' keys. */
export interface LinkStore {
  readLinks(keys: string[]): Promise<ReadonlyMap<string, string>>;
  keepLinks(links: ReadonlyMap<string, string>): Promise<void>;
}

/** A drawing of App Home. `digest`: equal drawings have the same. */
export interface HomeDrawing {
  digest: string;
  publish(): Promise<void>;
}

/** Creates the function that draws a person's board and schedules. Errors are `RemoteError`s. */
export function createHomePublisher(client: WebClient, store: LinkStore) {
  const links = new Map<string, string>();

  const findLinks = async (messages: MessageRef[]): Promise<void> => {
    const isMissing = (message: MessageRef) => !links.has(linkKey(message));
    const missing = messages.filter(isMissing);
    if (missing.length === 0) return;
    for (const [key, link] of await store.readLinks(missing.map(linkKey))) links.set(key, link);
    const fresh = new Map<string, string>();
    for (const message of missing.filter(isMissing)) {
      const link = await permalink(client, message);
      if (link) fresh.set(linkKey(message), link);
    }
    for (const [key, link] of fresh) links.set(key, link);
    if (fresh.size > 0) await store.keepLinks(fresh);
  };

  return async (
    { user }: Person,
    { board, schedules }: { board: Board; schedules?: ScheduleSummary[] },
  ): Promise<HomeDrawing> => {
    const runs = [...board.waiting, ...board.started, ...board.recent];
    await findLinks(runs.flatMap((run) => messageOf(run) ?? []));
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
