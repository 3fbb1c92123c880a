import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { App } from '@slack/bolt';
import type { Decision } from '../../../src/approval/decision.js';
import { CountersignError } from '../../../src/platform/errors.js';
import type { RunInput } from '../../../src/run/input.js';
import { NOT_ACKNOWLEDGED } from '../../../src/slack/listeners/actions/button.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { registerListeners } from '../../../src/slack/listeners/index.js';
import { ACTIONS, encodeButton, VIEWS } from '../../../src/slack/messages/kit/ids.js';
import { shortIdOf } from '../../../src/temporal/ids.js';
import { ben, policyWith, runInput } from '../../support/samples.js';
import { NO_TOOLS } from '../../support/slack/listener-context.js';

const never = () => new Promise<never>(() => {});
const away = () => Promise.reject(new CountersignError('unreachable', 'Slack is away'));
const value = { run: 'run1', request: 'r', revision: 1, items: [{ id: 'plan', digest: 'd' }] };

describe('before Slack gives up on a click, a form or a command', () => {
  /** The calls that Slack sees, in order. */
  let log: string[];
  /** Lines of the service's log. */
  let warnings: string[];
  let decided: Decision[];
  let recorded: unknown[];
  let replyHangs: boolean;
  let context: Partial<Record<'runs' | 'ledger' | 'directory' | 'policyFor', object>>;
  let slack: Server;
  before(async () => {
    slack = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      log.push(JSON.parse(body).text);
      if (!replyHangs) response.end('ok');
    });
    await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    slack.closeAllConnections();
    slack.close();
  });
  beforeEach(() => {
    log = [];
    warnings = [];
    decided = [];
    recorded = [];
    replyHangs = false;
    context = {};
  });

  /** Brings a payload as Slack does; resolves with the acknowledgement and when it came, in milliseconds. */
  async function bring(payload: object): Promise<{ answer: unknown; afterMs: number }> {
    const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };
    const app = new App({
      receiver: { init() {}, start: async () => {}, stop: async () => {} },
      ...{ token: 'xoxb-1', botId: 'B1', botUserId: 'UBOT', tokenVerificationEnabled: false },
      clientOptions: { slackApiUrl: 'http://127.0.0.1:1/', retryConfig: { retries: 0 } },
      logger: { ...quiet, getLevel: () => 'error' as never },
    });
    registerListeners(app, {
      ledger: { view: async () => undefined },
      directory: { isFullMember: async () => true, person: async () => ({ teams: ['T1'] }) },
      policies: { default: policyWith({}), channels: {} },
      policyFor: () => policyWith({}),
      ...context,
      refusals: {
        late: () => {},
        started: () => {},
        isTooOften: () => false,
        refused: (...refusal: unknown[]) => recorded.push(refusal),
      },
      ...{
        home: { team: 'T1' },
        shortIdOf,
        tools: NO_TOOLS,
        toolProblems: () => [],
        log: { warn: (_fields: object, text: string) => warnings.push(text), error() {} },
      },
    } as unknown as ListenerContext);
    const since = Date.now();
    return await new Promise((resolve) => {
      const ack = async (answer: unknown) => {
        log.push('acknowledged');
        resolve({ answer, afterMs: Date.now() - since });
      };
      void app.processEvent({ body: { user: { id: ben.user }, team: { id: 'T1' }, ...payload }, ack });
    });
  }
  const click = (action_id: string, value: object, place: object = {}) =>
    bring({
      ...place,
      type: 'block_actions',
      actions: [{ type: 'button', action_id, block_id: 'b', action_ts: '1.5', value: JSON.stringify(value) }],
      response_url: `http://127.0.0.1:${(slack.address() as AddressInfo).port}`,
    });
  const command = (text: string) => ({
    ...{ command: '/agent', text, team_id: 'T1', user_id: ben.user, channel_id: 'C1', user: undefined },
    ...{ trigger_id: '1', response_url: `http://127.0.0.1:${(slack.address() as AddressInfo).port}` },
  });
  const said = async (text: RegExp) => {
    const deadline = Date.now() + 2_000;
    while (!log.some((entry) => text.test(entry)) && Date.now() < deadline) await delay(10);
    assert.ok(
      log.some((entry) => text.test(entry)),
      log.join(),
    );
  };
  const submit = (callback_id: string) =>
    bring({
      type: 'view_submission',
      view: {
        type: 'modal',
        callback_id,
        private_metadata: JSON.stringify({ value: encodeButton(value) }),
        state: { values: {} },
      },
    });

  it('a person is told that a click changed nothing, and only then is it acknowledged', async () => {
    for (const [outcome, text] of [
      ['not-allowed', /^Only the person who asked/],
      ['stale', /^This was already retried/],
    ] as const) {
      context.runs = { retry: async () => outcome };
      await click(ACTIONS.retry, { run: 'run1', executionId: 'e' });
      assert.match(log[0] ?? '', text);
      assert.deepEqual(log.splice(0).slice(1), ['acknowledged']);
    }
  });

  it('a click that counts is acknowledged first, and answered after', async () => {
    context.runs = { retry: async () => 'started' };
    await click(ACTIONS.retry, { run: 'run1', executionId: 'e' });
    assert.deepEqual(log, ['acknowledged']);
    await said(/^I'm trying again/);
  });

  it('a person whose click did nothing is told in time, though Temporal was slow and the ledger hangs', async () => {
    context.ledger = { view: never };
    context.runs = { decide: () => delay(1_500, false) };
    const { afterMs } = await click(ACTIONS.approve, value);
    assert.ok(afterMs < 2_200, `after ${afterMs} ms`);
    assert.match(log[0] ?? '', /This run is over/);
  });

  it('a click that did nothing is not acknowledged while its person can’t be told: Slack shows that it failed', async () => {
    replyHangs = true;
    for (const decide of [async () => false, async () => Promise.reject(new Error('away'))]) {
      context.runs = { decide };
      void click(ACTIONS.approve, value);
      await delay(1_200);
      assert.match(log[0] ?? '', /This run is over|couldn't confirm/);
      assert.equal(log.splice(0).length, 1, 'and no acknowledgement');
    }
    await delay(2_200);
    assert.deepEqual(
      warnings.filter((text) => text === NOT_ACKNOWLEDGED),
      [NOT_ACKNOWLEDGED, NOT_ACKNOWLEDGED],
    );
  });

  it('a click that counts is acknowledged, whatever becomes of Slack', async () => {
    replyHangs = true;
    context.runs = { decide: async () => true };
    await click(ACTIONS.approve, value);
    assert.deepEqual(log, ['acknowledged']);
  });

  it('an edit is kept in its form while the ledger hangs, and decides nothing later', async () => {
    context.ledger = { read: never };
    context.runs = { decide: async (_run: string, decision: Decision) => decided.push(decision) > 0 };
    const { answer, afterMs } = await submit(VIEWS.edit);
    assert.match(JSON.stringify(answer), /"errors".*couldn't confirm this.*Your text is still here/);
    assert.ok(afterMs < 1_000, `after ${afterMs} ms`);
    assert.deepEqual(decided, []);
  });

  it('a command that starts or stops a run is answered, though nothing else answers', async () => {
    context.runs = { cancel: never, start: never };
    for (const text of ['cancel run1', 'draft the notes']) {
      const { answer, afterMs } = await bring(command(text));
      assert.match(JSON.stringify(answer), /couldn't confirm/);
      assert.ok(afterMs < 2_200, `after ${afterMs} ms`);
    }
  });

  it('a command that changes nothing is acknowledged at once, and answered after', async () => {
    context.runs = { describe: () => delay(300, undefined) };
    const { answer, afterMs } = await bring(command('status run1'));
    assert.equal(answer, undefined);
    assert.ok(afterMs < 200, `after ${afterMs} ms`);
    await said(/I can't find a run `run1`/);
  });

  it('a run’s input, which Temporal keeps, has no address at which its command can be answered', async () => {
    const started: RunInput[] = [];
    context.runs = {
      start: async (input: RunInput) => {
        started.push(input);
        return 'execution-1';
      },
    };
    await bring({ ...command('draft the notes'), response_url: 'https://slack.example/secret' });
    assert.equal(started[0]?.goal, 'draft the notes');
    assert.doesNotMatch(JSON.stringify(started), /slack\.example|secret/);
  });

  it('Retry under a message that is none of the run’s starts nothing', async () => {
    const input = runInput({ requester: ben, policy: policyWith({}) });
    const card = { channel: 'C1', ts: '1.1' };
    context.runs = {
      retry: async (
        _run: string,
        _execution: string,
        mayRetry: (input: RunInput, shownOn: object[]) => Promise<boolean>,
      ) => ((await mayRetry(input, [card])) ? 'started' : 'not-allowed'),
    };
    const on = (message_ts: string) => ({ container: { type: 'message', message_ts, channel_id: 'C1' } });
    await click(ACTIONS.retry, { run: 'run1', executionId: 'e' }, on('2.2'));
    assert.match(log[0] ?? '', /isn't on the run's own message/);
    await click(ACTIONS.retry, { run: 'run1', executionId: 'e' }, on(card.ts));
    await said(/^I'm trying again/);
    assert.equal(recorded.length, 1, 'it is on record');
  });

  it('a click in a private message, or in the preview of a link, has no place that a run knows', async () => {
    context.runs = { decide: async (_run: string, decision: Decision) => decided.push(decision) > 0 };
    for (const container of [
      { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: true },
      { type: 'message_attachment', message_ts: '1.1', channel_id: 'C1', is_app_unfurl: true },
      { type: 'view', view_id: 'V1' },
    ]) {
      await click(ACTIONS.approve, value, { container, view: { type: 'modal' } });
    }
    const home = { container: { type: 'view', view_id: 'V2' }, view: { type: 'home' } };
    await click(ACTIONS.approve, value, home);
    assert.deepEqual(
      decided.map(({ clickedOn }) => clickedOn),
      ['', '', '', 'home'],
    );
  });

  it('who may retry a run is not refused, nor their refusal recorded, while Slack can’t say', async () => {
    const input = runInput({ policy: policyWith({ approvers: ['SREVIEW'] }) });
    context.directory = { members: away, person: away };
    context.policyFor = () => input.policy;
    context.runs = {
      retry: async (_run: string, _execution: string, mayRetry: (input: RunInput) => Promise<boolean>) =>
        (await mayRetry(input)) ? 'started' : 'not-allowed',
    };
    await click(ACTIONS.retry, { run: 'run1', executionId: 'e' });
    assert.match(log[0] ?? '', /Slack can't tell me right now whether you may do this/);
    assert.deepEqual(recorded, []);
  });
});
