import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../src/ledger/index.js';
import { checkpoint, startedEvent, startedKey } from '../../src/run/event.js';
import { detailsModal } from '../../src/slack/messages/details/details-modal.js';
import { retryRun } from '../../src/use-cases/act-on-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { createRefusals, type Refusals } from '../../src/use-cases/record-refusals.js';
import { completed, failed } from '../support/ledger/end-events.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { ledgerForTests } from '../support/ledger/ledger-for-tests.js';
import { ben, decision, runInput } from '../support/samples.js';

describe('what is refused outside the workflow', () => {
  let ledger: Ledger;
  let refusals: Refusals;
  ledgerForTests((opened) => {
    ledger = opened;
    refusals = createRefusals(ledger);
  });

  let runs = 0;
  /** A run of Ana's, ended or not. */
  async function run(...end: (typeof completed)[]): Promise<string> {
    runs += 1;
    const shortId = `run${runs}`;
    await ledger.append(eventsOf(shortId, started(), ...end));
    return shortId;
  }
  async function refused(shortId: string): Promise<unknown[]> {
    await refusals.written();
    return (await ledger.read(shortId, 'refused')).map(({ data }) => data);
  }
  const click = decision({ by: ben, slackAt: '2026-11-24T10:00:00.000Z' });

  it('a click on a run that is over is on record once, however often it came', async () => {
    const shortId = await run(completed);
    refusals.late(shortId, click);
    refusals.late(shortId, click);
    refusals.late(shortId, { ...click, slackAt: '2026-11-24T10:00:01.000Z' });
    const data = await refused(shortId);
    // Keys outlive the erasure of a run.
    const keys = (await ledger.read(shortId, 'refused')).map(({ key }) => key).join();
    assert.doesNotMatch(keys, new RegExp(`${click.by.user}|${click.by.team}`));
    assert.equal(data.length, 2);
    assert.deepEqual(data[0], { decision: click, refusal: { reason: 'over', state: 'completed' } });
  });

  it('a retry is on record at once, so nobody erases the run before a worker has it', async () => {
    const shortId = await run(failed);
    const retried = runInput({ shortId, resume: { retriedBy: ben } });
    const action = { shortId, by: ben, once: '1' };
    const retry = async (...[, , , , onStart]: Parameters<UseCasePorts['runs']['retry']>) => {
      onStart?.(retried, 'execution-2');
      return 'started' as const;
    };
    await retryRun({ runs: { retry }, refusals } as unknown as UseCasePorts, 'execution-1', action);
    await refusals.written();
    assert.equal((await ledger.view(shortId))?.state, 'working');
    assert.deepEqual([...(await ledger.erase([shortId]))], [[shortId, 'open']]);
    const own = checkpoint(startedEvent(retried), { shortId, key: startedKey('execution-2') });
    await ledger.append([own]);
    assert.equal((await ledger.read(shortId, 'started')).length, 2, 'the worker writes the same entry');
  });

  it('a click on a run that Temporal ended is, though nothing said so yet', async () => {
    const shortId = await run();
    refusals.late(shortId, click);
    assert.deepEqual(await refused(shortId), [
      { decision: click, refusal: { reason: 'over', state: 'gone' } },
    ]);
  });

  it('an answer to a question of a run that is over is', async () => {
    const shortId = await run(completed);
    const answer = decision({ kind: 'answer', request: 'q1', by: ben, note: 'the second' });
    refusals.late(shortId, answer);
    const refusal = { reason: 'over', state: 'completed' };
    assert.deepEqual(await refused(shortId), [{ decision: answer, refusal }]);
  });

  it('a run that the ledger doesn’t know gets no story by a click', async () => {
    refusals.late('nowhere', click);
    refusals.refused('nowhere', { by: ben, reason: 'cannot-cancel', once: '1' });
    await refusals.written();
    assert.deepEqual(await ledger.read('nowhere'), []);
  });

  it('what a person may not do with a run is, each time that they try, and reads well in its story', async () => {
    const shortId = await run();
    for (const once of ['1.0', '1.0', '2.0'])
      refusals.refused(shortId, { by: ben, reason: 'cannot-cancel', once });
    refusals.refused(shortId, { by: ben, reason: 'cannot-retry', once: '3.0' });
    refusals.refused(shortId, { by: ben, reason: 'cannot-see-details', once: '4.0' });
    assert.deepEqual((await refused(shortId)).length, 4);
    const story = JSON.stringify(detailsModal(shortId, await ledger.read(shortId)).blocks);
    for (const words of ['stop the run', 'try it again', 'see the details']) {
      assert.ok(story.includes(`<@UBEN> isn't allowed to ${words}, so I refused`), words);
    }
  });

  it('a run is on record as soon as it was started, and once: by the service or by itself', async () => {
    const input = runInput({ shortId: 'fresh' });
    refusals.started(input, 'execution-1');
    refusals.started(input, 'execution-1');
    await refusals.written();
    assert.equal((await ledger.view('fresh'))?.state, 'working');
    refusals.started(input, 'execution-2');
    await refusals.written();
    const own = checkpoint(startedEvent(input), { shortId: 'fresh', key: startedKey('execution-1') });
    await ledger.append([own]);
    const { goal, requester, channel, policy } = input;
    const entries = await ledger.read('fresh');
    assert.deepEqual(
      entries.map(({ key, data }) => [key, data]),
      [['start/execution-1', { goal, requester, channel, policy }]],
    );
  });
});
