import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import { type Due, nextDue, type Timers, timeLeft } from '../../src/approval/request-timers.js';
import { policyWith } from '../support/samples.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const timers = (policy: ApprovalPolicy, doneUntil: number): Timers => ({
  ...{ policy, doneUntil, postedAt: 0, expiresAt: policy.expiresAfterMs, showsTimeLeft: true },
});

/** All that comes due, in hours after the post. */
function duesOf(own: Parameters<typeof policyWith>[0]): string[] {
  const policy = policyWith(own);
  const dues: string[] = [];
  let doneUntil = 0;
  for (;;) {
    const due: Due = nextDue(timers(policy, doneUntil), doneUntil);
    dues.push(`${due.purpose} ${due.at / HOUR}`);
    if (due.purpose === 'expire') return dues;
    doneUntil = due.at;
  }
}

describe('what a waiting request is due for', () => {
  const plans: [string, Parameters<typeof policyWith>[0], string[]][] = [
    [
      'three days: the time left is told anew each day, and in the last hours',
      {},
      ['refresh 24', 'refresh 48', 'refresh 68', 'refresh 71', 'expire 72'],
    ],
    [
      'reminders and the escalation, in order',
      {
        remindAfterMs: [30 * HOUR, 2 * HOUR],
        escalate: { afterMs: 3 * HOUR, to: ['UBEN'] },
        expiresAfterMs: 2 * DAY,
      },
      ['remind 2', 'escalate 3', 'refresh 24', 'remind 30', 'refresh 44', 'refresh 47', 'expire 48'],
    ],
    ['an hour: nothing but the end', { expiresAfterMs: HOUR }, ['expire 1']],
    [
      'what would come after the expiry doesn’t',
      { expiresAfterMs: HOUR, remindAfterMs: [HOUR, 2 * HOUR] },
      ['expire 1'],
    ],
  ];
  for (const [why, own, dues] of plans) it(why, () => assert.deepEqual(duesOf(own), dues));

  it('comes to an end, in order, whatever the policy', () => {
    const ms = fc.integer({ min: 1, max: 40 * DAY });
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 5 }), ms, ms, (remindAfterMs, afterMs, expiresAfterMs) => {
        const policy = policyWith({ remindAfterMs, escalate: { afterMs, to: ['UBEN'] }, expiresAfterMs });
        let doneUntil = 0;
        for (let count = 0; count < 60; count += 1) {
          const due = nextDue(timers(policy, doneUntil), doneUntil);
          assert.ok(due.at > doneUntil || due.purpose === 'expire');
          assert.ok(due.at <= expiresAfterMs);
          if (due.purpose === 'expire') return;
          doneUntil = due.at;
        }
        assert.fail('it never ends');
      }),
    );
  });

  it('says a time left that holds until it is told anew', () => {
    const said: [number, string][] = [
      [3 * DAY, 'less than 3 days'],
      [2 * DAY + 1, 'less than 3 days'],
      [DAY + HOUR, 'less than 2 days'],
      [DAY, 'less than a day'],
      [5 * HOUR, 'less than a day'],
      [4 * HOUR, 'less than 4 hours'],
      [HOUR, 'less than an hour'],
      [0, 'less than an hour'],
    ];
    for (const [ms, words] of said) assert.equal(timeLeft(ms), words);
  });
});
