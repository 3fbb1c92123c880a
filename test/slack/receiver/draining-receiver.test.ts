import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { App, type Receiver, type ReceiverEvent } from '@slack/bolt';
import { DrainingReceiver, isLateEvent } from '../../../src/slack/receiver/draining-receiver.js';
import { later } from '../../support/later.js';

/** A receiver that is handed events by the test. */
class HandedReceiver implements Receiver {
  app: Pick<App, 'processEvent'> | undefined;
  readonly log: string[] = [];

  init(app: App): void {
    this.app = app;
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.log.push('stopped');
  }

  /** Resolves once Bolt is done with the event; rejects as Bolt does. */
  async hand(type: string, id?: string): Promise<void> {
    const ack = async () => {
      this.log.push('acknowledged');
    };
    const event = { type, channel: 'C1', user: 'U1', tab: 'home', ts: '1.0', text: 'x' };
    const body = { type: 'event_callback', team_id: 'T1', event, ...(id && { event_id: id }) };
    await this.app?.processEvent({ body, ack });
  }
}

function open({ work, drainMs = 1_000 }: { work: () => Promise<void>; drainMs?: number }) {
  const inner = new HandedReceiver();
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };
  const receiver = new DrainingReceiver(inner, drainMs, quiet);
  const app = new App({
    receiver,
    token: 'xoxb-1',
    botId: 'B1',
    botUserId: 'UBOT',
    tokenVerificationEnabled: false,
    extendedErrorHandler: true,
    logger: { ...quiet, getLevel: () => 'error' as never },
  });
  app.error(async ({ error, body }: Pick<ReceiverEvent, 'body'> & { error: Error }) => {
    if (isLateEvent(body)) throw error;
  });
  const listener = async () => {
    inner.log.push('began');
    await work();
    inner.log.push('done');
  };
  app.event('app_mention', listener);
  app.event('app_home_opened', listener);
  return { inner, receiver };
}

describe('what comes from Slack', () => {
  it('is acknowledged at once, as Bolt does it, but a mention after its listener', async () => {
    const { inner } = open({ work: () => delay(10) });
    await inner.hand('app_home_opened');
    assert.deepEqual(inner.log.splice(0), ['acknowledged', 'began', 'done']);
    await inner.hand('app_mention');
    assert.deepEqual(inner.log, ['began', 'done', 'acknowledged']);
  });

  it('is not acknowledged when it is a mention and its listener failed, so that Slack brings it again', async () => {
    const { inner } = open({ work: () => Promise.reject(new Error('away')) });
    await assert.rejects(inner.hand('app_mention'));
    assert.deepEqual(inner.log.splice(0), ['began']);
    await inner.hand('app_home_opened');
    assert.deepEqual(inner.log, ['acknowledged', 'began']);
  });

  it('is done once when it is a mention that takes over three seconds, so that Slack brings it again meanwhile', async () => {
    const slow = later();
    const { inner } = open({ work: () => slow.promise });
    const first = inner.hand('app_mention', 'Ev1');
    const again = inner.hand('app_mention', 'Ev1');
    await delay(20);
    assert.deepEqual(inner.log, ['began'], 'and is not acknowledged before it is done');
    slow.resolve();
    await Promise.all([first, again, inner.hand('app_mention', 'Ev2')]);
    await inner.hand('app_mention', 'Ev1');
    assert.equal(inner.log.filter((word) => word === 'began').length, 2);
    assert.equal(inner.log.filter((word) => word === 'acknowledged').length, 4);
  });

  it('is done again when it is a mention whose first delivery failed', async () => {
    let fails = true;
    const { inner } = open({ work: async () => (fails ? Promise.reject(new Error('away')) : undefined) });
    const both = [inner.hand('app_mention', 'Ev1'), inner.hand('app_mention', 'Ev1')];
    const ends = await Promise.allSettled(both);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    fails = false;
    await inner.hand('app_mention', 'Ev1');
    assert.deepEqual(inner.log, ['began', 'began', 'done', 'acknowledged']);
  });

  it('is finished before a stop, also what came meanwhile', async () => {
    const { inner, receiver } = open({ work: () => delay(50) });
    const first = inner.hand('app_mention');
    const stopped = receiver.stop();
    await delay(20);
    await Promise.all([first, inner.hand('app_mention'), stopped]);
    assert.equal(inner.log.at(-1), 'stopped');
    assert.equal(inner.log.filter((word) => word === 'done').length, 2);
  });

  it('is not waited for longer than the drain lasts', async () => {
    const { inner, receiver } = open({ work: () => delay(200), drainMs: 20 });
    const late = inner.hand('app_mention');
    await receiver.stop();
    assert.deepEqual(inner.log, ['began', 'stopped']);
    await late;
  });
});
