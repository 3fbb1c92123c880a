import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../../src/approval/person.js';
import { type Ledger, openLedger } from '../../src/ledger/index.js';
import { RemoteError } from '../../src/platform/errors.js';
import { createLog } from '../../src/platform/log.js';
import type { ScheduleSummary } from '../../src/schedule/schedule.js';
import { createHomes, type Homes } from '../../src/use-cases/home/draw-homes.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { ended } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { asksPlan } from '../support/ledger/request-events.js';
import { ben, chloe, policyWith } from '../support/samples.js';

const away = (traits: { retryable: boolean }) => new RemoteError('ratelimited', 'Slack is away', traits);

describe('App Home while Slack has no answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homes-'));
  after(() => rmSync(folder, { recursive: true }));
  let ledger: Ledger;
  let homes: Homes;
  let drawn: string[][];
  let slack: { group?: RemoteError | undefined; publish?: RemoteError | undefined; noGroup?: boolean };
  let temporal: { listed: number; isAway?: boolean; schedules: ScheduleSummary[]; changed?: ScheduleSummary };
  let shownSchedules: string[] | undefined;
  let runs = 0;
  let digests = 0;
  beforeEach(async () => {
    ledger = await openLedger(`file:${join(folder, `${runs}.db`)}`);
    runs += 1;
    drawn = [];
    slack = {};
    const directory = {
      async members() {
        if (slack.group) throw slack.group;
        return slack.noGroup ? undefined : [ben.user];
      },
      person: async () => ({ teams: [ben.team] }),
    };
    temporal = { listed: 0, schedules: [] };
    const list = async () => {
      temporal.listed += 1;
      if (temporal.isAway) throw new Error('Temporal is away');
      return temporal.schedules;
    };
    const describe = async () => temporal.changed;
    const ports = { directory, schedules: { list, describe }, log: createLog('silent') };
    homes = createHomes({
      ports: ports as unknown as UseCasePorts,
      ledger,
      render: async (_person, { board, schedules }) => ({
        digest: `drawing ${digests++}`,
        async publish() {
          if (slack.publish) throw slack.publish;
          drawn.push(board.waiting.map(({ shortId }) => shortId));
          shownSchedules = schedules?.map(({ id, paused }) => `${id}${paused ? ' paused' : ''}`);
        },
      }),
    });
    homes.follow({ isOn: () => true });
  });
  afterEach(async () => {
    await homes.stop();
    await ledger.close();
  });

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

  const schedule = (own: Partial<ScheduleSummary> = {}): ScheduleSummary => ({
    ...{ id: 'daily234', goal: 'the goal', requester: ben, channel: 'C1', paused: false, next: [] },
    ...{ cron: '0 9 * * *', timeZone: 'UTC', words: 'At 09:00, every day' },
    ...own,
  });

  it('shows the schedules, and lists them again only when it is opened or one has started a run', async () => {
    temporal.schedules = [schedule()];
    await homes.opened(ben);
    assert.deepEqual([shownSchedules, temporal.listed], [['daily234'], 1]);
    const events = async (own: string) => {
      const started_ = eventsOf(`${own}${drawn.length}`, started());
      await ledger.append(started_);
      await next();
    };
    await events('run');
    assert.equal(temporal.listed, 1);
    await events('daily234-');
    assert.equal(temporal.listed, 2);
  });

  it('shows a change of a schedule that Temporal’s list still lacks', async () => {
    temporal.schedules = [schedule()];
    await homes.opened(ben);
    temporal.changed = schedule({ paused: true });
    await homes.opened(ben, 'daily234');
    assert.deepEqual(shownSchedules, ['daily234 paused']);
  });

  it('is drawn without schedules while Temporal is away', async () => {
    temporal.isAway = true;
    const shortId = await waits();
    await homes.opened(ben);
    assert.deepEqual([drawn.at(-1)?.includes(shortId), shownSchedules], [true, undefined]);
  });

  it('is left as it is where Slack refuses it for good', async () => {
    slack.publish = away({ retryable: false });
    await homes.opened(ben);
    slack = {};
    await delay(2_500);
    assert.deepEqual(drawn, []);
  });
});

describe('App Home drawn by two processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homes-'));
  const closing: (() => Promise<void>)[] = [];
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Drawings that reached Slack, each the runs that wait for Ben. */
  let published: string[] = [];
  let ledgers = 0;
  const processOf = async (url: string, { beforePublish = async (_person: Person) => {} } = {}) => {
    const ledger = await openLedger(url);
    const ports = {
      directory: { members: async () => [ben.user], person: async () => ({ teams: [ben.team] }) },
      schedules: { list: async () => [] },
      log: createLog('silent'),
    };
    const homes = createHomes({
      ports: ports as unknown as UseCasePorts,
      ledger,
      render: async (person, { board }) => {
        const drawing = board.waiting.map(({ shortId }) => shortId).join(' ');
        return {
          digest: `digest of ${drawing}`,
          async publish() {
            await beforePublish(person);
            published.push(drawing);
          },
        };
      },
    });
    closing.push(ledger.close, homes.stop);
    return { ledger, homes };
  };
  const twoProcesses = async (own: { beforePublish?(person: Person): Promise<void> } = {}) => {
    published = [];
    ledgers += 1;
    const url = `file:${join(folder, `${ledgers}.db`)}`;
    const leader = await processOf(url);
    return { leader, other: await processOf(url, own) };
  };
  const policy = policyWith({ approvers: [ben.user, chloe.user] });
  const waits = (shortId: string) => eventsOf(shortId, started({ policy }), asksPlan({ policy }));
  const shows = async (drawing: string, withinMs = 3_000) => {
    const deadline = Date.now() + withinMs;
    while (published.at(-1) !== drawing && Date.now() < deadline) await delay(50);
    assert.equal(published.at(-1), drawing);
  };
  const lead = { isOn: () => true };

  it('shows what another process wrote, and is drawn once for it', async () => {
    const { leader, other } = await twoProcesses();
    await other.homes.opened(ben);
    leader.homes.follow(lead);
    await other.ledger.append(waits('run1'));
    await shows('run1');
    await delay(1_500);
    assert.deepEqual(published, ['', 'run1']);
  });

  it('is drawn at once by the process that hears of its opening, and not again by the leader', async () => {
    const { leader, other } = await twoProcesses();
    await other.ledger.append(waits('run1'));
    leader.homes.follow(lead);
    // A leader that has just begun draws what it finds.
    await delay(1_500);
    await other.homes.opened(ben);
    assert.deepEqual(published, ['run1']);
    await delay(1_500);
    assert.deepEqual(published, ['run1']);
  });

  it('is drawn again where another process has shown something else meanwhile', async () => {
    const { leader, other } = await twoProcesses();
    await leader.homes.opened(ben);
    await other.ledger.append(waits('run1'));
    await other.homes.opened(ben);
    await other.ledger.append(eventsOf('run1', ended()).map((event) => ({ ...event, key: 'end' })));
    assert.deepEqual(published, ['', 'run1']);
    leader.homes.follow(lead);
    await shows('');
  });

  it('shows the newest state, also where an older drawing reaches Slack after it', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { leader, other } = await twoProcesses({ beforePublish: () => held });
    leader.homes.follow(lead);
    const opened = other.homes.opened(ben);
    await delay(800);
    await leader.ledger.append(waits('run1'));
    await shows('run1');
    release();
    await opened;
    assert.deepEqual(published.slice(-2), ['run1', ''], 'the older one came last');
    await shows('run1');
  });

  for (const part of ['groups', 'homesOpened'] as const)
    it(`shows a change all the same where the ledger fails once (${part})`, async () => {
      const { leader, other } = await twoProcesses();
      await leader.homes.opened(ben);
      leader.homes.follow(lead);
      await delay(700);
      const { [part]: read } = leader.ledger;
      let hasFailed = false;
      leader.ledger[part] = async () => {
        hasFailed = true;
        leader.ledger[part] = read as never;
        throw new Error('the database is away');
      };
      await other.ledger.append(waits('run1'));
      await shows('run1', 8_000);
      assert.ok(hasFailed);
    });

  it('is drawn again where Slack refused it, also when another person opens App Home meanwhile', async () => {
    const seen = new Map<string, number>();
    let isRefused = false;
    const url = `file:${join(folder, 'refused.db')}`;
    const beforePublish = async ({ user }: Person) => {
      if (isRefused && user === chloe.user) throw away({ retryable: true });
      seen.set(user, (seen.get(user) ?? 0) + 1);
    };
    const leader = await processOf(url, { beforePublish });
    const other = await processOf(url, { beforePublish });
    await leader.homes.opened(chloe);
    await leader.homes.opened(ben);
    leader.homes.follow(lead);
    await delay(700);
    isRefused = true;
    await other.ledger.append(waits('run1'));
    for (let tries = 0; seen.get(ben.user) !== 2 && tries < 60; tries += 1) await delay(50);
    await other.homes.opened(ben);
    await delay(1_000);
    isRefused = false;
    for (let tries = 0; seen.get(chloe.user) !== 2 && tries < 160; tries += 1) await delay(50);
    assert.equal(seen.get(chloe.user), 2, 'Chloe’s Home is drawn in the end');
  });

  it('is drawn by nobody who no longer leads', async () => {
    const { leader, other } = await twoProcesses();
    let isOn = true;
    await leader.homes.opened(ben);
    leader.homes.follow({ isOn: () => isOn });
    await delay(700);
    isOn = false;
    await other.ledger.append(waits('run1'));
    await delay(1_500);
    assert.deepEqual(published, ['']);
  });
});
