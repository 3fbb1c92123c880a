import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import { type Due, nextDue, type Timers } from '../../src/approval/request-timers.js';
import { policyWith } from '../support/samples.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const timers = (policy: ApprovalPolicy, doneUntil: number): Timers => ({
  ...{ policy, doneUntil, postedAt: 0, expiresAt: policy.expiresAfterMs },
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
    ['three days: nothing but the end', {}, ['expire 72']],
    [
      'reminders and the escalation, in order',
      {
        remindAfterMs: [30 * HOUR, 2 * HOUR],
        escalate: { afterMs: 3 * HOUR, to: ['UBEN'] },
        expiresAfterMs: 2 * DAY,
      },
      ['remind 2', 'escalate 3', 'remind 30', 'expire 48'],
    ],
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
});
