import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { DEFAULT_POLICY } from '../../../src/approval/policy.js';
import type { Ledger } from '../../../src/ledger/index.js';
import { checkpoint, type EventData, type RunEvent } from '../../../src/run/event.js';
import type { RunInput } from '../../../src/run/input.js';
import type { RunSnapshot } from '../../../src/run/state.js';
import type { ExecutionEnd, RunMemo } from '../../../src/run/summary.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { answerMention } from '../../../src/slack/listeners/events/mention.js';
import { mentionText } from '../../../src/slack/listeners/events/mention-text.js';
import { commandText, lookUpNames } from '../../../src/slack/listeners/markup.js';
import { shortIdOf } from '../../../src/temporal/ids.js';
import { findRunInThread } from '../../../src/use-cases/read-story.js';
import { ledgerForTests } from '../../support/ledger/ledger-for-tests.js';
import { ana, ben, decision, plan } from '../../support/samples.js';
import { PERMISSIVE } from '../../support/slack/listener-context.js';

const NAMES = new Map([
  ['U02BEN', 'Ben O.'],
  ['C02PLANS', 'plans'],
  ['S1', 'oncall'],
]);

describe('what a mention says', () => {
  const said: [string, string][] = [
    ['<@UBOT> draft the release notes', 'draft the release notes'],
    ['<@UBOT|countersign>: draft the notes', 'draft the notes'],
    ['Hey <@UBOT> draft the notes', 'Hey draft the notes'],
    ['draft the notes <@UBOT>', 'draft the notes'],
    ['<@UBOT>', ''],
    ['<@UBOT> one\n<@UBOT> two', 'one\n two'],
    ['<@UBOT> ask <@U02BEN> and <@U03|chloe> in <#C1|general>', 'ask @Ben O. and @chloe in #general'],
    ['<@UBOT> ask <@U09NEW> in <#C02PLANS|> and <#C02PLANS>', 'ask @U09NEW in #plans and #plans'],
    ['<@UBOT> ask <!subteam^S1>', 'ask @oncall'],
    ['<@UBOT> tell <!channel> and <!subteam^S1|@oncall>', 'tell @channel and @oncall'],
    ['<@UBOT> a &lt; b &amp;&amp; c &gt; d, literally &amp;lt;', 'a < b && c > d, literally &lt;'],
    ['<@UBOT> read <https://example.com/a?b=1&amp;c=2>', 'read https://example.com/a?b=1&c=2'],
    ['<@UBOT> read <http://example.com|example.com>', 'read http://example.com'],
    ['<@UBOT> read <https://evil.example|the notes>', 'read the notes (https://evil.example)'],
    ['<@UBOT> write to <mailto:a@b.example|a@b.example>', 'write to a@b.example'],
    ['<@UBOT> by <!date^1392734382^{date}|18 Feb>', 'by 18 Feb'],
    ['<@UBOTHER> is another app', '@UBOTHER is another app'],
  ];
  for (const [text, goal] of said) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(mentionText('UBOT', text, NAMES), goal));
  }

  const typed: [string, string][] = [
    ['ask <@U02BEN|ben> in <#C02PLANS|plans>', 'ask @ben in #plans'],
    ['ask <@U02BEN> in <#C02PLANS|>, then <!subteam^S1>', 'ask @Ben O. in #plans, then @oncall'],
    [
      'read <https://example.com/a?b=1&amp;c=2|the notes> &amp; mend them',
      'read the notes (https://example.com/a?b=1&c=2) & mend them',
    ],
    ['ask @ben in #plans: is a < b && <div> fine?', 'ask @ben in #plans: is a < b && <div> fine?'],
    ['drop &lt;tables&gt;', 'drop <tables>'],
    ['type <!channel> & <@U02BEN> as they are', 'type <!channel> & <@U02BEN> as they are'],
  ];
  for (const [text, goal] of typed) {
    it(`reads the command ${JSON.stringify(text)}`, () => assert.equal(commandText(text, NAMES), goal));
  }

  it('names a private channel nowhere else, though the command holds its name', async () => {
    const text = 'ask <@U02BEN|ben> about <#C09SECRET|layoffs> and <#C1|general>';
    const asked: string[] = [];
    const directory = {
      async namesOf(ids: string[]) {
        asked.push(...ids);
        return new Map([['C09SECRET', 'private-channel']]);
      },
    } as unknown as ListenerContext['directory'];
    const names = await lookUpNames({ directory }, text, 'C2');
    assert.deepEqual(asked, ['C09SECRET', 'C1']);
    assert.equal(commandText(text, names), 'ask @ben about #private-channel and #general');
  });

  it('is read in a moment, though it is made of blanks', () => {
    const blanks = ' '.repeat(120_000);
    const began = performance.now();
    assert.equal(
      mentionText('UBOT', `<@UBOT> a${blanks}b${'\t'.repeat(120_000)}<@UBOT> c`, NAMES),
      `a${blanks}b c`,
    );
    assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`);
  });
});

describe('a mention’s run', () => {
  const mention = { team: 'T1', channel: 'C1', user: 'U1', ts: '1.2', text: '<@UBOT> go' };

  it('has the same short id for every delivery, and another one for the same words in another message', () => {
    assert.equal(shortIdOf(mention), shortIdOf({ ...mention }));
    assert.match(shortIdOf(mention), /^[a-z2-9]{8}$/);
    assert.notEqual(shortIdOf(mention), shortIdOf({ ...mention, ts: '1.3' }));
  });
});

/** When the mention was made: a reply that comes much later is a direct message. */
const TS = (Date.now() / 1000).toFixed(6);

describe('@countersign', () => {
  let ledger: Ledger;
  ledgerForTests((opened) => {
    ledger = opened;
  });
  let started: RunInput[];
  let cancelled: string[];
  let whispers: { channel: string; user: string; thread_ts?: string; text: string }[];
  let temporal: { status: string; snapshot?: Partial<RunSnapshot>; end?: ExecutionEnd; away?: boolean };
  let members: string[];
  let slackAway: boolean;
  let threads = 0;
  beforeEach(() => {
    started = [];
    cancelled = [];
    whispers = [];
    temporal = { status: 'RUNNING' };
    members = [ana.user];
    slackAway = false;
    threads += 1;
  });

  const memo: RunMemo = { goal: 'old', requester: ana, channel: 'C1', approvers: ['requester'] };
  const unlessAway = <T>(answer: T): T => {
    if (temporal.away) throw new Error('Temporal did not answer in time');
    return answer;
  };
  const contextWith = (own: Partial<ListenerContext> = {}) =>
    ({
      runs: {
        start: async (input: RunInput) => unlessAway(`execution-${started.push(input)}`),
        describe: async (shortId: string) =>
          unlessAway({ shortId, memo, status: temporal.status, startedAt: new Date(0) }),
        snapshot: async () => temporal.snapshot,
        end: async () => unlessAway(temporal.end ?? { kind: 'gone', reason: 'terminated' }),
        cancel: async (shortId: string) => unlessAway(cancelled.push(shortId) > 0 && 'cancelling'),
      },
      refusals: { started() {} },
      ...PERMISSIVE,
      directory: {
        ...PERMISSIVE.directory,
        isInChannel: async (_: string, { user }: { user: string }) => members.includes(user),
      },
      ledger,
      home: { team: 'T1' },
      log: { warn() {}, error() {} },
      ...own,
    }) as unknown as ListenerContext;
  const client = {
    chat: {
      async postEphemeral(post: (typeof whispers)[number]) {
        if (slackAway)
          throw Object.assign(new Error('socket hang up'), { code: 'slack_webapi_request_error' });
        whispers.push(post);
        return { ok: true };
      },
      getPermalink: async ({ message_ts }: { message_ts: string }) => ({
        permalink: `https://slack.example/${message_ts}`,
      }),
    },
  };
  type Event = Record<string, unknown>;
  const mention = (text: string, event: Event = {}, own: Partial<ListenerContext> = {}): Promise<void> =>
    answerMention(contextWith(own), {
      event: {
        type: 'app_mention',
        channel: 'C1',
        user: ana.user,
        ts: TS,
        text: `<@UBOT> ${text}`,
        ...event,
      },
      body: { team_id: 'T1' },
      client,
      context: { botUserId: 'UBOT' },
    } as unknown as Parameters<typeof answerMention>[1]);

  const begun: RunEvent<'started'> = {
    kind: 'started',
    data: { goal: 'old goal', requester: ana, channel: 'C1', policy: DEFAULT_POLICY },
  };

  /** A run with a card of its own, at the `ts` that this returns, and what the ledger has of it after that. */
  const runWith = async (...more: RunEvent[]): Promise<string> => {
    const thread = `${threads}.5`;
    const events: RunEvent[] = [
      begun,
      { kind: 'planned', data: { plan, revision: 1, digest: 'd' } },
      { kind: 'posted', data: { message: { channel: 'C1', ts: thread } } },
      ...more,
    ];
    const shortId = `run${threads}`;
    await ledger.append(events.map((event, index) => checkpoint(event, { shortId, key: String(index) })));
    return thread;
  };
  const completed: RunEvent[] = [
    { kind: 'executed', data: { text: '# The notes' } },
    { kind: 'ended', data: { state: 'completed', result: '# The notes', decision: decision() } },
  ];

  it('has its thread read, or its files, and nothing where it has neither', async () => {
    await mention('draft the notes');
    assert.equal(started[0]?.mention, undefined, 'a plain mention costs no look into Slack');
    const root = `${threads}.1`;
    await mention('draft the notes', { thread_ts: root, parent_user_id: ben.user });
    assert.deepEqual(started[1]?.mention, { channel: 'C1', ts: TS, thread: root });
    await mention('draft the notes', { files: [{ id: 'F1' }] });
    assert.deepEqual(started[2]?.mention, { channel: 'C1', ts: TS, thread: TS });
    const under = await runWith(...completed);
    await mention('and the next', { thread_ts: under, parent_user_id: 'UBOT' });
    assert.deepEqual(started[3]?.mention, { channel: 'C1', ts: TS, thread: under });
    assert.ok(started[3]?.followUp);
  });

  it('starts a run in a channel, whose card belongs into the thread of the message, and says so in the channel', async () => {
    await mention('draft the notes &amp; send them');
    const [input] = started;
    assert.equal(input?.goal, 'draft the notes & send them');
    assert.equal(input?.channel, 'C1');
    assert.equal(input?.thread, TS);
    assert.deepEqual(input?.requester, ana);
    assert.equal(input?.origin.channel, 'C1');
    assert.equal(input?.followUp, undefined);
    assert.equal(
      whispers[0]?.thread_ts,
      undefined,
      'Slack shows no private word in a thread that isn’t there yet',
    );
    assert.match(
      whispers[0]?.text ?? '',
      /has started\. <@UANA> asked for\n> draft the notes &amp; send them\n/,
    );
  });

  it('starts one in a thread with no run of ours, and answers there', async () => {
    await mention('draft the notes', { thread_ts: '4.0', parent_user_id: ben.user });
    assert.equal(started[0]?.thread, '4.0');
    assert.equal(started[0]?.origin.thread, '4.0');
    assert.equal(whispers[0]?.thread_ts, '4.0');
    assert.match(whispers[0]?.text ?? '', /in this thread/);
  });

  it('posts the card where cards go, in no thread, when there is such a channel', async () => {
    await mention('draft the notes', { thread_ts: '4.0' }, { approvalChannel: 'CAPPROVE' });
    assert.equal(started[0]?.channel, 'CAPPROVE');
    assert.equal(started[0]?.thread, undefined);
    assert.match(whispers[0]?.text ?? '', /in <#CAPPROVE>/);
    await mention('draft the notes', {}, { approvalChannel: 'C1' });
    assert.equal(started[1]?.thread, undefined, 'a plan that waits there is to be seen');
  });

  it('goes on from a finished run under its card, with what came of it', async () => {
    const thread = await runWith(...completed);
    for (const approvalChannel of [undefined, 'C1']) {
      await mention('now in German', { thread_ts: thread }, approvalChannel ? { approvalChannel } : {});
      const input = started.pop();
      assert.deepEqual(input?.followUp, {
        shortId: `run${threads}`,
        goal: 'old goal',
        title: plan.title,
        result: '# The notes',
      });
      assert.equal(input?.thread, thread);
      assert.equal(input?.goal, 'now in German');
      assert.match(
        whispers.at(-1)?.text ?? '',
        new RegExp(`continue from the result of run \`run${threads}\``),
      );
    }
  });

  const ends: [string, EventData['ended'], RegExp][] = [
    [
      'rejected',
      { state: 'rejected', decision: decision({ note: 'too early' }) },
      /rejected: too early\nNothing was/,
    ],
    ['expired', { state: 'expired' }, /Nobody decided.*Nothing was carried out/],
    ['stopped', { state: 'cancelled', by: ben }, /stopped before it was done\./],
    [
      'failed',
      { state: 'failed', failure: { step: 'plan', code: 'x', message: 'Overloaded' } },
      /plan: Overloaded/,
    ],
  ];
  for (const [how, end, result] of ends) {
    it(`goes on from a run that was ${how}, and says no more than the truth of it`, async () => {
      const thread = await runWith({ kind: 'ended', data: end });
      await mention('now a smaller one', { thread_ts: thread });
      assert.match(started[0]?.followUp?.result ?? '', result);
    });
  }

  it('goes on from a run that was terminated in Temporal, of whose end the ledger knows nothing', async () => {
    const thread = await runWith();
    temporal = { status: 'TERMINATED' };
    await mention('do it again', { thread_ts: thread });
    assert.match(started[0]?.followUp?.result ?? '', /ended from outside/);
  });

  it('takes from Temporal what came of a run whose end could not be written into the ledger', async () => {
    const thread = await runWith();
    const outcome = { state: 'completed' as const, result: 'The notes', decision: decision() };
    temporal = { status: 'COMPLETED', end: { kind: 'outcome', outcome } };
    await mention('now in German', { thread_ts: thread });
    assert.equal(started[0]?.followUp?.result, 'The notes');
    const failure = { step: 'execution' as const, code: 'x', message: 'Refused' };
    temporal = { status: 'FAILED', end: { kind: 'failed', failure } };
    await mention('now in German', { thread_ts: thread });
    assert.match(started[1]?.followUp?.result ?? '', /failed in its execution: Refused/);
  });

  it('takes a long result along up to a limit, and says that there was more', async () => {
    const data = { state: 'completed' as const, result: 'x'.repeat(100_000), decision: decision() };
    const thread = await runWith({ kind: 'ended', data });
    await mention('make it shorter', { thread_ts: thread });
    const result = started[0]?.followUp?.result ?? '';
    assert.ok(result.length < 31_000);
    assert.match(result, /The rest of the result is left out here/);
  });

  it('starts nothing while the thread’s run waits, and says for whom and how to steer it', async () => {
    const thread = await runWith();
    const { shortId } = (await findRunInThread(ledger, 'C1', thread, { ours: true })) ?? { shortId: '' };
    const expiresAt = '2026-11-27T10:00:00.000Z';
    temporal.snapshot = { state: 'waiting', requester: ana, policy: DEFAULT_POLICY, votes: [], expiresAt };
    await mention('do another thing', { thread_ts: thread });
    assert.deepEqual(started, []);
    const { text = '', thread_ts } = whispers[0] ?? {};
    assert.equal(thread_ts, thread);
    assert.match(text, new RegExp(`Run \`${shortId}\` waits for approval`));
    assert.match(text, /Waiting for <@UANA>\. Decide by/);
    assert.match(text, new RegExp(`Request changes\` on <https://slack.example/${thread}\\|its card>`));
    assert.match(text, new RegExp(`To stop it: \`/agent stop ${shortId}\``));
  });

  it('says so too while it works, when no worker can say more, and to a word that is none of ours', async () => {
    const thread = await runWith();
    temporal.snapshot = { state: 'executing', votes: [], requester: ana, policy: DEFAULT_POLICY };
    await mention('do another thing', { thread_ts: thread });
    assert.match(whispers[0]?.text ?? '', /is approved\. I'm working on it/);
    assert.doesNotMatch(whispers[0]?.text ?? '', /Request changes/);
    delete temporal.snapshot;
    await mention('do another thing', { thread_ts: thread });
    assert.match(whispers[1]?.text ?? '', /I can't get its details right now/);
    await mention('approve', { thread_ts: thread });
    assert.match(whispers[2]?.text ?? '', /isn't over yet/);
    assert.deepEqual(started, []);
  });

  it('knows the run of a card that was answered a moment before it was written into the ledger', async () => {
    const asked = mention('now in German', { thread_ts: `${threads}.5`, parent_user_id: 'UBOT' });
    await runWith(...completed);
    await asked;
    assert.equal(started[0]?.followUp?.shortId, `run${threads}`);
  });

  it('lets the newest of several runs in a thread decide', async () => {
    const thread = await runWith(...completed);
    const card = { channel: 'C1', ts: '77.0', thread };
    const entry = (key: string, event: RunEvent) =>
      checkpoint(event, { shortId: `newer${threads}`, key, at: new Date(Date.now() + 1000) });
    await ledger.append([entry('1', { ...begun, data: { ...begun.data, goal: 'newer goal', thread } })]);
    await mention('do another thing', { thread_ts: thread });
    assert.equal(started.length, 0, 'it works, though it has no card yet');
    await ledger.append([
      entry('2', { kind: 'posted', data: { message: card } }),
      entry('3', { kind: 'ended', data: { state: 'expired' } }),
    ]);
    await mention('do another thing', { thread_ts: thread });
    assert.equal(started[0]?.followUp?.goal, 'newer goal');
  });

  it('asks a run that is tried again, whose earlier end is in the ledger, whether it is over', async () => {
    const failure = { step: 'plan' as const, code: 'x', message: 'Overloaded' };
    const thread = await runWith({ kind: 'ended', data: { state: 'failed', failure } }, begun);
    await mention('do another thing', { thread_ts: thread });
    assert.deepEqual(started, []);
    assert.match(whispers[0]?.text ?? '', /isn't over yet/);
  });

  it('tells who may not see the thread’s run nothing of it, and starts nothing', async () => {
    const thread = await runWith(...completed);
    await mention('now in German', { thread_ts: thread, user: ben.user });
    assert.equal(started.length, 0);
    assert.match(whispers[0]?.text ?? '', /that you can't see/);
    assert.doesNotMatch(whispers[0]?.text ?? '', /old goal|run\d/);
    members = [ana.user, ben.user];
    await mention('now in German', { thread_ts: thread, user: ben.user });
    assert.deepEqual(started[0]?.requester, ben);
  });

  it('starts the same run when Slack brings the mention again, though the run has its card in the thread by then', async () => {
    await mention('draft the notes', { ts: TS });
    const { shortId = '' } = started[0] ?? {};
    const card = { channel: 'C1', ts: `${threads}.8`, thread: `${threads}.6` };
    await mention('draft the notes', { ts: TS, thread_ts: `${threads}.6` });
    await ledger.append([
      checkpoint(begun, { shortId, key: '1' }),
      checkpoint({ kind: 'posted', data: { message: card } }, { shortId, key: '2' }),
    ]);
    await mention('draft the notes', { ts: TS, thread_ts: `${threads}.6` });
    assert.deepEqual(
      started.map((input) => input.shortId),
      [shortId, shortId, shortId],
    );
    assert.match(whispers[2]?.text ?? '', /has started/);
  });

  it('tells in words where its card can’t be posted, also when the reply got lost and Slack brings the mention again', async () => {
    const directory = {
      isFullMember: async () => true,
      whyCannotPost: async (channel: string) => (channel === 'C9PLANS' ? 'channel_not_found' : undefined),
    };
    const own = { directory, approvalChannel: 'C9PLANS' } as unknown as Partial<ListenerContext>;
    slackAway = true;
    await assert.rejects(mention('draft the notes', {}, own), 'not acknowledged');
    slackAway = false;
    await mention('draft the notes', {}, own);
    assert.match(
      whispers[0]?.text ?? '',
      /^I can't post in <#C9PLANS>, because I can't see it.*`APPROVAL_CHANNEL`/,
    );
    assert.match(JSON.stringify(whispers[0]), /"Retry".*execution-/);
    assert.equal(started[0]?.cannotPost?.code, 'channel_not_found');
    assert.equal(started[0]?.shortId, started[1]?.shortId);
  });

  it('takes the command’s words, and in a thread status and cancel are about its run', async () => {
    const thread = await runWith();
    const { shortId } = (await findRunInThread(ledger, 'C1', thread, { ours: true })) ?? { shortId: '' };
    for (const text of ['', 'help', '?']) await mention(text);
    for (const { text } of whispers.splice(0)) assert.match(text, /@countersign <goal>/);
    for (const text of ['deploy', 'cancel my subscriptions']) {
      await mention(text);
      assert.match(whispers.pop()?.text ?? '', new RegExp(`Start a run for “${text}”\\?`));
    }
    await mention('list');
    assert.match(whispers[0]?.text ?? '', /^Your runs and those you may approve, newest first:\n/);
    await mention('status', { thread_ts: thread });
    assert.match(whispers[1]?.text ?? '', new RegExp(`Run \`${shortId}\``));
    await mention('status');
    assert.match(whispers[2]?.text ?? '', /Which run\?/);
    await mention('cancel', { thread_ts: thread });
    assert.deepEqual(cancelled, [shortId]);
    await mention('schedules');
    assert.match(whispers.at(-1)?.text ?? '', /You have no schedules/);
    await mention('schedule the stand-up notes');
    assert.match(whispers.at(-1)?.text ?? '', /Say when in quotes/);
    await mention('word '.repeat(2_001));
    assert.match(whispers.at(-1)?.text ?? '', /has 10,004 characters, and the limit is 10,000/);
    assert.deepEqual(started, []);
  });

  it('leaves programs’ mentions, and edited messages, alone', async () => {
    await mention('draft the notes', { bot_id: 'B1' });
    await mention('draft the notes', { user: undefined });
    await mention('draft the notes', { edited: { user: ana.user, ts: '9.1' } });
    assert.deepEqual(started, []);
    assert.deepEqual(whispers, []);
  });

  it('knows people of other teams by their own', async () => {
    await mention('draft the notes', { user_team: 'T2' });
    assert.deepEqual(started[0]?.requester, { team: 'T2', user: ana.user });
  });

  it('says that it could not confirm it when Temporal is away, and fails, to be asked again, when Slack is away too', async () => {
    temporal.away = true;
    await mention('draft the notes');
    assert.match(whispers[0]?.text ?? '', /couldn't confirm/);
    slackAway = true;
    await assert.rejects(mention('draft the notes'), /Slack could not be reached/);
    await assert.rejects(mention('help'), /Slack could not be reached/);
  });

  it('says so, in time, when the ledger does not answer, and asks it nothing outside of threads', async () => {
    const asked: unknown[] = [];
    const runsIn = (...where: string[]) => {
      asked.push(where);
      return new Promise<string[]>(() => {});
    };
    const own: Partial<ListenerContext> = { ledger: { ...ledger, runsIn } };
    const since = Date.now();
    await mention('draft the notes', { thread_ts: '4.0' }, own);
    assert.ok(Date.now() - since < 2_000);
    assert.match(whispers[0]?.text ?? '', /My server isn't answering/);
    assert.equal(started.length, 0);
    await mention('draft the notes', {}, own);
    assert.equal(started.length, 1);
    assert.equal(asked.length, 1);
  });

  it('does not fail when the run has started and only the word of it is lost', async () => {
    slackAway = true;
    await mention('draft the notes');
    assert.equal(started.length, 1);
  });
});
