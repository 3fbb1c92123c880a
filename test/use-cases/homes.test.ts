import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../src/ledger/index.js';
import { RemoteError } from '../../src/platform/errors.js';
import { createLog } from '../../src/platform/log.js';
import type { Board } from '../../src/run/board.js';
import type { Directory } from '../../src/slack/permissions/directory.js';
import { createHomes, type Homes } from '../../src/use-cases/draw-homes.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';
import { asksPlan } from '../support/ledger/request-events.js';
import { ben, policyWith } from '../support/samples.js';

const away = (traits: { retryable: boolean }) => new RemoteError('ratelimited', 'Slack is away', traits);

describe('App Home while Slack has no answer', () => {
  let ledger: Ledger;
  ledgerForTests((opened) => {
    ledger = opened;
  });
  let homes: Homes;
  let drawn: string[][];
  let slack: { group?: RemoteError | undefined; publish?: RemoteError | undefined; noGroup?: boolean };
  let runs = 0;
  beforeEach(() => {
    drawn = [];
    slack = {};
    homes = createHomes({
      ledger,
      directory: {
        async members() {
          if (slack.group) throw slack.group;
          return slack.noGroup ? undefined : [ben.user];
        },
      } as unknown as Directory,
      async publish(_person, board: Board) {
        if (slack.publish) throw slack.publish;
        drawn.push(board.waiting.map(({ shortId }) => shortId));
        return '';
      },
      log: createLog('silent'),
    });
  });
  afterEach(() => homes.stop());

  /** A run that waits for those in a group. */
  async function waits(): Promise<string> {
    runs += 1;
    const shortId = `run${runs}`;
    const policy = policyWith({ approvers: ['SREVIEW'] });
    await ledger.append(eventsOf(shortId, started({ policy }), asksPlan({ policy })));
    return shortId;
  }
  /** Waits for the next drawing. */
  async function next(): Promise<string[]> {
    const before = drawn.length;
    for (let tries = 0; drawn.length === before && tries < 100; tries += 1) await delay(50);
    return drawn.at(-1) ?? [];
  }

  it('shows what waits by who was in the group last, and what it is once Slack answers', async () => {
    const shortId = await waits();
    await homes.opened(ben);
    assert.deepEqual(drawn.at(-1), [shortId]);
    slack.group = away({ retryable: true });
    await homes.opened(ben);
    assert.deepEqual(drawn.at(-1), [shortId], 'not emptied by a fault');
    slack = { noGroup: true };
    assert.deepEqual(await next(), [], 'nobody had to open it, and nothing had to change');
  });

  it('is drawn again when Slack is back, where nobody was known to be in the group', async () => {
    const shortId = await waits();
    slack.group = away({ retryable: true });
    await homes.opened(ben);
    assert.deepEqual(drawn.at(-1), []);
    slack = {};
    assert.ok((await next()).includes(shortId));
  });

  it('is drawn again when it could not be drawn', async () => {
    const shortId = await waits();
    slack.publish = away({ retryable: true });
    await homes.opened(ben);
    assert.deepEqual(drawn, []);
    slack = {};
    assert.ok((await next()).includes(shortId));
  });

  it('is left as it is where Slack refuses it for good', async () => {
    slack.publish = away({ retryable: false });
    await homes.opened(ben);
    slack = {};
    await delay(2_500);
    assert.deepEqual(drawn, []);
  });
});
