import type { WebClient } from '@slack/web-api';
import type { Ledger } from '../../src/ledger/index.js';
import { createReconciler } from '../../src/ledger/reconcile/reconcile.js';
import { createLog } from '../../src/platform/log.js';
import { createHomePublisher } from '../../src/slack/client/home-publisher.js';
import { answerCommand } from '../../src/slack/listeners/commands/answer-command.js';
import type { ListenerContext } from '../../src/slack/listeners/context.js';
import { createHomes } from '../../src/use-cases/home/draw-homes.js';
import { PERMISSIVE } from '../../test/support/slack/listener-context.js';
import { groupsOf, isOpen, PEOPLE, personId, shortId } from './fill.js';

/** Most messages that a round of the reconciler looks at. Half of the open runs wait with one. */
const CARDS_A_ROUND = 10;

/** Answers of Slack, at once. */
const slack = {
  views: { publish: async () => ({ ok: true }) },
  chat: { getPermalink: async () => ({ ok: true, permalink: 'https://example.slack.com/archives/C1/p1' }) },
} as unknown as WebClient;

/**
 * Creates what the service does over the ledger, from the first query to what Slack and Temporal are asked. Their answers come at once, so the time is
 * this process's and the database's. `turn` varies the person.
 */
export function createRounds(ledger: Ledger, runs: number) {
  const members = new Map<string, string[]>();
  for (let index = 0; index < PEOPLE; index += 1)
    for (const group of groupsOf(index)) members.set(group, [...(members.get(group) ?? []), personId(index)]);
  const log = createLog('silent');
  const directory = { ...PERMISSIVE.directory, members: async (group: string) => members.get(group) ?? [] };
  const context = {
    ...PERMISSIVE,
    directory,
    ledger,
    log,
    home: { team: 'T1' },
  } as unknown as ListenerContext;
  const homes = createHomes({ ports: context, ledger, render: createHomePublisher(slack, ledger) });
  const person = (turn: number) => ({ user: personId(turn * 31), team: 'T1' });

  const running = new Set(
    Array.from({ length: runs }, (_, index) => index)
      .filter(isOpen)
      .map(shortId),
  );
  const looksARound = Math.min(CARDS_A_ROUND, running.size / 2);
  let looks = 0;
  let isDone = () => {};
  const reconciler = createReconciler({
    ledger,
    log,
    runs: {
      running: async () => running,
      describe: async () => ({ executionId: '1', status: 'RUNNING' }),
      end: async () => ({ kind: 'gone', reason: 'unknown' }),
      reportLostCard: async () => true,
    },
    messenger: {
      updateCard: async () => {},
      updateInThread: async () => {},
      tellRequester: async () => {},
      updateNotices: async () => {},
      async findCardLoss() {
        looks += 1;
        if (looks % looksARound === 0) isDone();
        return undefined;
      },
    },
  });

  const list = async (turn: number) => {
    const run = { shortId: 'asked', requester: person(turn), origin: { channel: 'C1' } };
    const { text } = await answerCommand(context, slack, run, { kind: 'list' });
    if (!text.includes('run')) throw new Error(`The list has no run: ${text}`);
  };
  const reconcile = async () => {
    const done = new Promise<void>((resolve) => {
      isDone = resolve;
    });
    reconciler.start();
    await done;
    await reconciler.stop();
  };
  const whole: [name: string, take: (turn: number) => Promise<unknown>][] = [
    ['App Home, opened: drawn whole', (turn) => homes.opened(person(turn))],
    ['/agent list: answered whole', list],
    ['the reconciler: a whole round', reconcile],
  ];
  return { whole, stop: homes.stop };
}
