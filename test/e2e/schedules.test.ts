import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Message } from '../../sandbox/workspace/index.js';
import type { RunInput } from '../../src/run/input.js';
import { shortIdIn as runIdIn } from '../../src/run/summary.js';
import { nextTimes } from '../../src/schedule/next-times.js';
import { onceCron } from '../../src/schedule/once.js';
import { readTimetable } from '../../src/schedule/timetable.js';
import { createSchedules } from '../../src/temporal/schedules/schedules.js';
import { WORKFLOW_VERSION } from '../../src/workflows/runtime/workflow-version.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { placeWith, policyWith } from '../support/samples.js';
import { answerTo, buttonsOf, cardOf, shortIdIn, WAITING, wordsOf } from '../support/slack/people.js';
import { devServerForTests } from '../support/temporal/suites.js';

const policyOf = (approvals: number) => `
default: {}
channels:
  C02APPROVALS: { approvers: [S01APPROVERS], approvals: ${approvals}, requesterMayApprove: false }
`;

describe('/agent schedule', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-schedules-'));
  const policyFile = join(folder, 'policy.yml');
  let stack: Stack;
  let temporal: Client;
  let disconnect: () => Promise<void>;

  const connect = async () => {
    ({ client: temporal, close: disconnect } = await stack.connect());
  };
  before(async () => {
    writeFileSync(policyFile, policyOf(1));
    stack = await startStack({ env: { POLICY_FILE: policyFile }, ownTemporal: true });
    await connect();
  });
  after(async () => {
    await disconnect();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => stack.workspace.faults.clear());

  const handleOf = (id: string) => temporal.schedule.getHandle(`agent-${id}`);
  const saved = async () => {
    const ids: string[] = [];
    for await (const { scheduleId } of temporal.schedule.list()) ids.push(scheduleId.replace('agent-', ''));
    return ids;
  };
  const inputOf = async (id: string) => (await handleOf(id).describe()).action.args?.[0] as RunInput;
  const slack = async (method: string, args: Record<string, string>) => {
    const { apiUrl, credentials } = stack.workspace;
    const headers = { authorization: `Bearer ${credentials.botToken}` };
    const answer = await fetch(`${apiUrl}${method}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(args),
    });
    return (await answer.json()) as Record<string, Record<string, string>>;
  };
  const zoneOf = async (user: string) => (await slack('users.info', { user })).user?.tz ?? 'UTC';

  /** Gives the command; resolves with the private answer. */
  async function ask(user: string, channel: string, text: string, redeliver = 0): Promise<Message> {
    const { workspace } = stack;
    return await answerTo(workspace, user, async () =>
      assert.deepEqual(await workspace.as(user).command(channel, '/agent', text, { redeliver }), {
        ok: true,
      }),
    );
  }

  /** The private message with this `ts`, once its text matches. */
  function answered(user: string, { ts }: Message, text: RegExp): Promise<Message> {
    const { workspace } = stack;
    return workspace.waitFor(
      () => workspace.ephemerals(user).find((message) => message.ts === ts && text.test(message.text)),
      { what: `an answer that says ${text}` },
    );
  }

  /** Clicks the button of one schedule in a list. */
  function click(user: string, list: Message, id: string, label: string, again: { redeliver?: number } = {}) {
    const block = list.blocks?.find((found) => JSON.stringify(found.elements ?? '').includes(id));
    return stack.workspace.as(user).click(list, label, { ...again, blockId: String(block?.block_id) });
  }

  /** Saves a schedule; resolves with its id. */
  async function save(user: string, channel: string, text: string): Promise<string> {
    const draft = await ask(user, channel, text);
    await stack.workspace.as(user).click(draft, 'Save');
    return shortIdIn(wordsOf(await answered(user, draft, /Saved/)));
  }

  /** Saves a schedule; resolves with its id and the list of the person's schedules. */
  async function saveAndList(user: string, channel: string, text: string) {
    const id = await save(user, channel, text);
    return { id, list: await ask(user, channel, 'schedules') };
  }

  it('shows when it runs in words, in the asker’s time zone, and saves nothing before Save', async () => {
    const { ana } = stack.workspace.people;
    const { general } = stack.workspace.channels;
    const goal = 'draft the *notes* for <!channel> & "all"';
    const draft = await ask(ana, general, `schedule “every weekday at 9” ${goal}`);
    const words = wordsOf(draft);
    const zone = await zoneOf(ana);
    assert.ok(
      words.includes(
        `Not saved yet: *At 9:00 AM, Monday through Friday* (${zone.replace('Etc/', '').replaceAll('_', ' ')})`,
      ),
      words,
    );
    const shown = [...words.matchAll(/• <!date\^(\d+)\^\{date_long\} at \{time\}/g)].map(
      ([, at]) => Number(at) * 1000,
    );
    const timetable = readTimetable('0 9 * * 1-5', { timeZone: zone, now: new Date() });
    assert.ok(!('wrong' in timetable));
    assert.deepEqual(shown, nextTimes(timetable.cron, zone, new Date(), 3).map(Number));
    const texts = draft.blocks?.find(({ type }) => type === 'rich_text');
    assert.ok(
      JSON.stringify(texts).includes(JSON.stringify(goal).slice(1, -1)),
      'the goal is shown verbatim',
    );
    assert.deepEqual(buttonsOf(draft), ['Save', "Don't save"]);
    assert.deepEqual(await saved(), []);

    await stack.workspace.as(ana).click(draft, "Don't save");
    const cancelled = await answered(ana, draft, /Not saved\./);
    assert.deepEqual(buttonsOf(cancelled), []);
    assert.deepEqual(await saved(), []);
  });

  it('shows a run that starts once with its day, saves it, and lists it until it is deleted', async () => {
    const { workspace } = stack;
    const [{ ana }, { general }] = [workspace.people, workspace.channels];
    const draft = await ask(ana, general, 'schedule "tomorrow at 10" send the report');
    assert.match(
      wordsOf(draft),
      /Not saved yet: \*Once\*, <!date\^\d+\^\{date_long\} at \{time\}\|[^>]+>\. I'll start a run with this goal:/,
    );
    assert.doesNotMatch(wordsOf(draft), /Next times/);
    await workspace.as(ana).click(draft, 'Save');
    const id = shortIdIn(wordsOf(await answered(ana, draft, /Saved: \*Once\*/)));
    const zone = await zoneOf(ana);
    const { state, info } = await handleOf(id).describe();
    assert.equal(state.remainingActions, 1);
    const [at = new Date(0), ...more] = info.nextActionTimes;
    assert.deepEqual(more, []);
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' }).format(at);
    assert.equal(time, '10:00');
    const list = await ask(ana, general, 'schedules');
    assert.match(wordsOf(list), /\*Once\*, <!date/);
    assert.deepEqual(buttonsOf(list), ['Pause', 'Run now', 'Delete']);
    await click(ana, list, id, 'Delete');
    await answered(ana, list, /Deleted/);
  });

  it('says that times are UTC where Slack does not say the asker’s time zone', async () => {
    const { ana } = stack.workspace.people;
    stack.workspace.faults.inject({ method: 'users.info', kind: 'refuse', error: 'user_not_found' });
    const draft = await ask(ana, stack.workspace.channels.general, 'schedule "every day at 9" tidy up');
    assert.match(wordsOf(draft), /At 9:00 AM, every day\* \(UTC\)/);
    assert.match(wordsOf(draft), /don't know your time zone/);
  });

  it('saves one schedule, however often Slack delivers the command and the click', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const draft = await ask(ana, general, 'schedule "every month on the 1st at 7" send the report', 1);
    const drafts = workspace.deliveries.filter(({ kind }) => kind === 'slash_commands').slice(-2);
    const [first, second] = drafts.map(({ result }) => result.ok && result.body);
    assert.ok(first);
    assert.deepEqual(first, second, 'both deliveries show the same schedule');
    assert.deepEqual(await workspace.as(ana).click(draft, 'Save', { redeliver: 1 }), { ok: true });
    const answer = await answered(ana, draft, /Saved: \*At 7:00 AM, on day 1 of the month\*.*Next: <!date/);
    assert.deepEqual(buttonsOf(answer), []);
    const id = shortIdIn(wordsOf(answer));
    assert.deepEqual(await saved(), [id]);

    const { spec, policies, memo, action } = await handleOf(id).describe();
    assert.equal(spec.timezone, await zoneOf(ana));
    assert.deepEqual(policies, { overlap: 'ALLOW_ALL', catchupWindow: 3_600_000, pauseOnFailure: false });
    assert.equal(memo?.goal, 'send the report');
    assert.equal(memo?.cron, '0 7 1 * *');
    assert.equal(action.workflowId, `agent-${id}`);
    const input = await inputOf(id);
    assert.equal(input.schedule, id);
    assert.equal(input.goal, 'send the report');
    assert.deepEqual(input.requester, { team: workspace.team.id, user: ana });
    assert.equal(input.policy.team, workspace.team.id);
    await handleOf(id).delete();
  });

  it('starts a run now, once for one click, and its card appears; the schedule names it', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const { id, list } = await saveAndList(
      ana,
      general,
      'schedule "every day at 18:30" compare three databases',
    );
    assert.deepEqual(buttonsOf(list), ['Pause', 'Run now', 'Delete']);
    await click(ana, list, id, 'Run now', { redeliver: 1 });
    await answered(ana, list, /I started a run: \*At 6:30 PM, every day\*/);
    await cardOf(workspace, general, id, WAITING);
    const runs: string[] = [];
    for await (const { workflowId, memo } of temporal.workflow.list({
      query: `WorkflowId STARTS_WITH 'agent-${id}'`,
    })) {
      runs.push(workflowId);
      assert.equal(memo?.goal, 'compare three databases');
    }
    assert.equal(runs.length, 1);
    assert.match(runs[0] ?? '', new RegExp(`^agent-${id}-20.*Z$`));
    const later = await ask(ana, general, 'schedules');
    const shortId = runIdIn(runs[0] ?? '');
    assert.match(shortId, new RegExp(`^${id}-[a-z2-9]{6}$`), 'short for people');
    assert.ok(wordsOf(later).includes(`last run \`${shortId}\``));
    const entry = new RegExp(`Waiting for <@${ana}>.*from a schedule · <.*Open> · run \`${shortId}\``);
    // The card is there a moment before the ledger knows of it.
    let listed = '';
    for (let tries = 0; tries < 50 && !entry.test(listed); tries += 1)
      listed = (await ask(ana, general, 'list')).text;
    assert.match(listed, entry);
    assert.match((await ask(ana, general, `status ${shortId}`)).text, /waits for approval/);
    await temporal.workflow.getHandle(runs[0] ?? '').terminate();
    await handleOf(id).delete();
  });

  it('gives each of its runs a card, an approval and a story of its own', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const id = await save(ana, general, 'schedule "every day at 18:45" draft the release notes');
    for (const run of [1, 2]) {
      const list = await ask(ana, general, 'schedules');
      await click(ana, list, id, 'Run now');
      await answered(ana, list, /I started a run/);
      // Temporal names a run by the second.
      if (run === 1) await delay(1_100);
    }
    const runsOf = () => {
      const cards = workspace.messages(general).map((message) => JSON.stringify(message.blocks ?? ''));
      const ids = cards.flatMap((card) => card.match(new RegExp(`${id}-[a-z2-9]{6}`, 'g')) ?? []);
      return [...new Set(ids)];
    };
    const [one = '', other = ''] = await workspace.waitFor(
      () => (runsOf().length === 2 ? runsOf() : undefined),
      {
        what: 'two cards',
        timeoutMs: 20_000,
      },
    );
    const card = await cardOf(workspace, general, one, WAITING);
    await workspace.as(ana).click(card, 'Approve');
    await cardOf(workspace, general, one, /^Done/);
    await cardOf(workspace, general, other, WAITING);
    await workspace.as(ana).command(general, '/agent', `cancel ${other}`);
    await cardOf(workspace, general, other, /^Stopped/);
    await handleOf(id).delete();
  });

  it('pauses, goes on, and deletes; the list says so at once', async () => {
    const { workspace } = stack;
    const [{ ana }, { general }] = [workspace.people, workspace.channels];
    const id = await save(ana, general, 'schedule "mondays and thursdays at 8:15" water the plants');
    const other = await save(ana, general, 'schedule "every 2 hours" look at the queue');
    const list = await ask(ana, general, 'schedules');
    await click(ana, list, id, 'Pause');
    const paused = await answered(ana, list, /Paused/);
    assert.match(wordsOf(paused), /Monday and Thursday\* \([^)]+\) · paused/);
    assert.deepEqual(buttonsOf(paused).toSorted(), [
      'Delete',
      'Delete',
      'Pause',
      'Resume',
      'Run now',
      'Run now',
    ]);
    const { state } = await handleOf(id).describe();
    assert.deepEqual([state.paused, state.note], [true, `Paused by ${workspace.team.id}/${ana} in Slack`]);

    await click(ana, paused, id, 'Resume');
    const resumed = await answered(ana, list, /Resumed/);
    assert.doesNotMatch(wordsOf(resumed), /· paused/);
    assert.equal((await handleOf(id).describe()).state.paused, false);

    await click(ana, resumed, id, 'Delete', { redeliver: 1 });
    const rest = await workspace.waitFor(() =>
      workspace.ephemerals(ana).find((found) => found.ts === list.ts && buttonsOf(found).length === 3),
    );
    assert.doesNotMatch(wordsOf(rest), /· asked by.*water/s);
    await click(ana, rest, other, 'Delete');
    assert.match(wordsOf(await answered(ana, list, /Deleted.*\*On the hour/)), /You have no schedules\./);
    assert.match((await ask(ana, general, 'schedules')).text, /You have no schedules/);
  });

  it('stands in App Home with its buttons, and shows there at once what they do', async () => {
    const { workspace } = stack;
    const [{ chloe }, { general }] = [workspace.people, workspace.channels];
    const id = await save(chloe, general, 'schedule "every day at 18:15" feed the fish');
    const drawn = () => JSON.stringify(workspace.home(chloe)?.blocks ?? []);
    const shows = (text: RegExp) =>
      workspace.waitFor(() => text.test(drawn()), { what: `${text} in App Home` });
    // Temporal's list shows a schedule a moment later.
    for (const until = Date.now() + 10_000; !drawn().includes('feed the fish') && Date.now() < until; ) {
      await workspace.as(chloe).openHome();
      await delay(200);
    }
    await shows(
      /"Schedules \(1\)".*At 6:15 PM, every day.*next <!date.*feed the fish.*"Pause".*"Run now".*"Delete"/,
    );
    const clickAtHome = (label: string) =>
      workspace.as(chloe).clickInView(workspace.home(chloe)?.id ?? '', label);
    const before = workspace.privateWords(chloe).length;
    await clickAtHome('Pause');
    await shows(/At 6:15 PM, every day[^}]*· paused.*"Resume"/);
    await clickAtHome('Run now');
    await shows(new RegExp(`Waiting for you \\(1\\).*from a schedule · run \`${id}-[a-z2-9]{6}`));
    await clickAtHome('Delete');
    await shows(/"Schedules".*None yet/);
    assert.equal(workspace.privateWords(chloe).length, before, 'the tab itself is the answer');
  });

  it('is nobody else’s to see or to change, but the approvers’', async () => {
    const { workspace } = stack;
    const { ana, ben } = workspace.people;
    const { general, approvals } = workspace.channels;
    const own = await save(ana, general, 'schedule "every day at 9" mine alone');
    const shared = await save(ana, approvals, 'schedule "every day at 10" ours');
    const list = await ask(ana, general, 'schedules');
    const refused = await answerTo(workspace, ben, () => click(ben, list, own, 'Delete'));
    assert.match(refused.text, /Only the person who asked/);
    const seen = await ask(ben, general, 'schedules');
    assert.match(wordsOf(seen), /ours/);
    assert.doesNotMatch(wordsOf(seen), /mine alone/);
    assert.deepEqual((await saved()).toSorted(), [own, shared].toSorted());

    await click(ben, seen, shared, 'Delete');
    await answered(ben, seen, /Deleted/);
    assert.deepEqual(await saved(), [own]);
    await handleOf(own).delete();
  });

  it('takes the policy of the file that the service was started with last; one that is paused stays so', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general, approvals } = workspace.channels;
    const id = await save(ana, approvals, 'schedule "every day at 10" ours');
    const same = await save(ana, general, 'schedule "every day at 10" mine');
    await handleOf(id).pause();
    const before = (await handleOf(same).describe()).raw.conflictToken;
    assert.equal((await inputOf(id)).policy.approvals, 1);
    writeFileSync(policyFile, policyOf(2));
    await stack.restart();
    await until(async () => (await inputOf(id)).policy.approvals === 2);
    const { state, action } = await handleOf(id).describe();
    assert.equal(state.paused, true);
    assert.equal(action.memo?.goal, 'ours');
    assert.deepEqual(
      (await handleOf(same).describe()).raw.conflictToken,
      before,
      'what is up to date is left alone',
    );
    await handleOf(id).delete();
    await handleOf(same).delete();
  });

  it('says that a click on Save could not be confirmed while Temporal is away, and saves at the next', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const draft = await ask(ana, workspace.channels.general, 'schedule "every day at 9" tidy up');
    const bringBack = await stack.killTemporal();
    const told = await answerTo(workspace, ana, () => workspace.as(ana).click(draft, 'Save'));
    assert.match(told.text, /couldn't confirm/);
    assert.deepEqual(buttonsOf(draft), ['Save', "Don't save"]);
    await bringBack();
    await disconnect();
    await connect();
    assert.deepEqual(await saved(), []);
    await workspace.as(ana).click(draft, 'Save');
    const id = shortIdIn(wordsOf(await answered(ana, draft, /Saved/)));
    // Temporal's list shows a schedule a moment later.
    for (const until = Date.now() + 5_000; (await saved()).length === 0 && Date.now() < until; )
      await delay(50);
    assert.deepEqual(await saved(), [id]);
    await handleOf(id).delete();
  });

  it('says what is missing: the quotes, the goal, words that it understands, a shorter goal', async () => {
    const { ana } = stack.workspace.people;
    const { general } = stack.workspace.channels;
    const told = async (text: string) => (await ask(ana, general, text)).text;
    assert.match(await told('schedule every day at 9 draft it'), /Say when in quotes/);
    assert.match(await told('schedule "every day at 9"'), /Say when in quotes/);
    assert.match(await told('schedule "every <!channel> at 9" draft it'), /don't understand “@channel”/);
    assert.match(await told('schedule "every minute" draft it'), /too often/);
    assert.match(
      await told(`schedule "every day at 9" ${'x'.repeat(1_501)}`),
      /has 1,501 characters\. In a schedule it can have 1,500/,
    );
    const long = await ask(ana, general, `schedule "every day at 9" ${'y '.repeat(740)}`);
    assert.deepEqual(buttonsOf(long), ['Save', "Don't save"]);
  });

  it('warns where plans can’t be posted, and works in the direct message with the app', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { random, private: leadership, general } = workspace.channels;
    for (const channel of [random, leadership]) {
      assert.match(
        wordsOf(await ask(ana, channel, 'schedule "every day at 9" tidy up')),
        /I'm not in this channel/,
      );
    }
    assert.doesNotMatch(wordsOf(await ask(ana, general, 'schedule "every day at 9" tidy up')), /I'm not in/);
    const direct = (await slack('conversations.open', { users: ana })).channel?.id ?? '';
    const draft = await ask(ana, direct, 'schedule "every day at 9" tidy up');
    assert.doesNotMatch(wordsOf(draft), /I'm not in/);
    await workspace.as(ana).click(draft, 'Save');
    const id = shortIdIn(wordsOf(await answered(ana, draft, /Saved/)));
    assert.equal((await inputOf(id)).channel, direct);
    await handleOf(id).delete();
  });
});

describe('schedules in Temporal', () => {
  const server = devServerForTests();

  const by = { team: 'T1', user: 'U1' };
  const anybody = async () => true;
  /** Makes a schedule, and waits until Temporal's list, which is a moment behind, has it. */
  const make = async (id: string, cron = '0 9 * * *', timeZone = 'UTC') => {
    await createSchedules(server.client, 'nobody-works-here').create({
      ...{ id, cron, timeZone, words: 'w', goal: 'g', channel: 'C1', origin: 'C1', requester: by },
      policy: policyWith({}),
    });
    await until(async () => {
      for await (const { scheduleId } of server.client.schedule.list())
        if (scheduleId === `agent-${id}`) return true;
      return false;
    });
  };

  it('start a run once for one click, also where the answer to it was lost and it is asked again', async () => {
    const schedules = createSchedules(server.client, 'nobody-works-here');
    await make('once');
    const run = (click: string) => schedules.change('once', { kind: 'run', by, click }, anybody);
    const runs = async (count: number) => {
      const { info } = await server.client.schedule.getHandle('agent-once').describe();
      return info.recentActions.length === count;
    };
    assert.equal(await run('U1/1.0'), 'done');
    await until(() => runs(1));
    // Two runs of one second would be one workflow id anyway.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal(await run('U1/1.0'), 'done');
    assert.equal(await run('U1/2.0'), 'done');
    await until(() => runs(2));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(await runs(2));
  });

  it('start one run where they run once, at the time that was shown, and Run now takes none away', async () => {
    const at = new Date((Math.floor(Date.now() / 60_000) + 1) * 60_000);
    await make('single', onceCron(at));
    const schedules = createSchedules(server.client, 'nobody-works-here');
    assert.deepEqual((await schedules.describe('single'))?.next, [at]);
    await schedules.change('single', { kind: 'run', by, click: 'U1/1.0' }, anybody);
    await schedules.refresh(placeWith(policyWith({ approvals: 2 })));
    const { getHandle } = server.client.schedule;
    const runs = async () =>
      (await getHandle.call(server.client.schedule, 'agent-single').describe()).info.recentActions;
    await until(async () => (await runs()).length === 1);
    await until(async () => (await runs()).length === 2, 75_000);
    assert.deepEqual((await runs()).at(-1)?.scheduledAt, at);
    assert.deepEqual((await schedules.describe('single'))?.next, []);
  });

  it('keep a pause that comes while their policy is brought up to date', async () => {
    await make('busy');
    const { getHandle } = server.client.schedule;
    let reads = 0;
    server.client.schedule.getHandle = (id) => {
      const handle = getHandle.call(server.client.schedule, id);
      const describe = handle.describe.bind(handle);
      handle.describe = async () => {
        const read = await describe();
        if (id === 'agent-busy' && reads++ === 0) await handle.pause('in between');
        return read;
      };
      return handle;
    };
    const schedules = createSchedules(server.client, 'nobody-works-here');
    const { changed, failed } = await schedules.refresh(() => ({
      channel: 'C1',
      policy: policyWith({ approvals: 2 }),
    }));
    server.client.schedule.getHandle = getHandle;
    assert.deepEqual(failed, []);
    assert.ok(changed.includes('busy'));
    const { state, action } = await server.client.schedule.getHandle('agent-busy').describe();
    const [input] = (action.args ?? []) as RunInput[];
    assert.equal(state.paused, true);
    assert.equal(input?.policy.approvals, 2);
  });

  it('start runs of this service’s version again once a newer service was rolled back', async () => {
    await make('rolled-back');
    const handle = server.client.schedule.getHandle('agent-rolled-back');
    const inputOf = async () => ((await handle.describe()).action.args as RunInput[])[0];
    await handle.update(({ spec, policies, state, action, ...rest }) => {
      const [input] = action.args as [RunInput];
      const newer = [{ ...input, workflowVersion: WORKFLOW_VERSION + 1 }];
      return { ...rest, spec, policies, state, action: { ...action, args: newer } };
    });
    assert.equal((await inputOf())?.workflowVersion, WORKFLOW_VERSION + 1);
    await createSchedules(server.client, 'nobody-works-here').refresh(() => ({
      channel: 'C1',
      policy: policyWith({}),
    }));
    assert.equal((await inputOf())?.workflowVersion, WORKFLOW_VERSION);
  });

  it('of another task queue, and those that aren’t ours, are left alone', async () => {
    await make('ours');
    await server.client.schedule.create({
      scheduleId: 'theirs',
      spec: { cronExpressions: ['0 9 * * *'] },
      action: { type: 'startWorkflow', workflowType: 'somethingElse', taskQueue: 'nobody-works-here' },
    });
    const schedules = createSchedules(server.client, 'another-queue');
    await until(async () => (await schedules.list(anybody)).some(({ id }) => id === 'ours'));
    assert.deepEqual(await schedules.refresh(placeWith(policyWith({ approvals: 3 }))), {
      changed: [],
      failed: [],
      others: { all: 0, onQueue: 0 },
    });
    assert.ok(!(await schedules.list(anybody)).some(({ id }) => id.includes('theirs')));
    assert.equal(await schedules.change('theirs', { kind: 'delete', by, click: '1' }, anybody), 'gone');
  });

  it('of another Slack app are left alone, and counted', async () => {
    const of = (app: string, queue = 'nobody-works-here') => createSchedules(server.client, queue, { app });
    const asked = { cron: '0 9 * * *', timeZone: 'UTC', words: 'w', goal: 'g', channel: 'C1', origin: 'C1' };
    const policy = policyWith({});
    await of('T1/A1').create({ id: 'one', ...asked, requester: by, policy });
    await of('T1/A2').create({ id: 'two', ...asked, requester: by, policy });
    await until(async () => (await of('T1/A1').list(anybody)).length === 1);
    await until(async () => (await of('T1/A2').list(anybody)).length === 1);
    const inputOf = async (id: string) =>
      (await server.client.schedule.getHandle(`agent-${id}`).describe()).action.args?.[0] as RunInput;
    const { changed, failed, others } = await of('T1/A2').refresh(placeWith(policyWith({ approvals: 2 })));
    assert.deepEqual([changed, failed], [['two'], []]);
    assert.ok(others.all >= 1 && others.onQueue === others.all);
    assert.equal((await of('T1/A2', 'another-queue').refresh(placeWith(policy))).others.onQueue, 0);
    assert.equal((await inputOf('one')).policy.approvals, 1);
    assert.equal((await inputOf('two')).policy.approvals, 2);
    assert.equal(await of('T1/A2').describe('one'), undefined);
    assert.equal(await of('T1/A2').change('one', { kind: 'delete', by, click: '1' }, anybody), 'gone');
    assert.equal((await of('T1/A1').describe('one'))?.id, 'one');
  });

  it('hand on to their runs only what they were saved with', async () => {
    await make('stuffed');
    const handle = server.client.schedule.getHandle('agent-stuffed');
    const inputOf = async () => (await handle.describe()).action.args as [RunInput];
    const [saved] = await inputOf();
    const stuff = (args: unknown[]) =>
      handle.update(({ spec, policies, state, action, ...rest }) => {
        return { ...rest, spec, policies, state, action: { ...action, args: args as [RunInput] } };
      });
    await stuff([
      { ...saved, shortId: 'x', continued: true, thread: '1.0', resume: { wasEscalated: true } },
      'more',
    ]);
    const schedules = createSchedules(server.client, 'nobody-works-here');
    assert.deepEqual((await schedules.refresh(placeWith(policyWith({})))).failed, []);
    assert.deepEqual(await inputOf(), [saved]);
    await stuff([{ ...saved, requester: 'U1' }]);
    const { failed } = await schedules.refresh(placeWith(policyWith({})));
    assert.deepEqual(
      failed.map(({ id, error }) => [id, (error as { code?: string }).code]),
      [['stuffed', 'ScheduleUnreadable']],
    );
  });

  it('refuse a time zone that Temporal does not know, in words', async () => {
    await assert.rejects(make('mars', '0 9 * * *', 'Mars/Phobos'), {
      code: 'ScheduleRefused',
      message: /Mars/,
    });
  });

  it('start their runs at the very times that were shown', async () => {
    const asked: [string, string][] = [
      ['every weekday at 9', 'Europe/Amsterdam'],
      ['first monday of every month at 9', 'America/New_York'],
      ['every month on the 31st at 7', 'Asia/Kolkata'],
      ['every 30 minutes', 'Australia/Lord_Howe'],
      ['30 2 * 3 0', 'America/New_York'],
      ['10-50/20 */5 1-7 */2 1,5', 'Pacific/Chatham'],
    ];
    for (const [index, [text, timeZone]] of asked.entries()) {
      const timetable = readTimetable(text, { timeZone, now: new Date() });
      assert.ok(!('wrong' in timetable));
      await make(`times${index}`, timetable.cron, timeZone);
      const next =
        (await createSchedules(server.client, 'nobody-works-here').describe(`times${index}`))?.next ?? [];
      assert.ok(next.length > 0);
      assert.deepEqual(nextTimes(timetable.cron, timeZone, new Date(), next.length), next, text);
    }
  });
});

async function until(probe: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs / 1_000} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
