import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '../../src/approval/decision.js';
import type { Person } from '../../src/approval/person.js';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import type { RunSnapshot } from '../../src/run/state.js';
import { humanApprove, status } from '../../src/workflows/runtime/signals.js';
import type { InRun } from '../support/run/test-runs.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { decisionOn, putOff, waitingCard } from '../support/run/votes.js';
import { createWorld, permanent, transient, type World } from '../support/run/world.js';
import { ana, ben, chloe, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests, timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Runs whose policy differs from the default one in this. */
const runsUnder =
  (inRun: InRun) =>
  (policy: Partial<ApprovalPolicy>, test: Parameters<InRun>[1], world = createWorld()): Promise<void> =>
    inRun({ policy: policyWith(policy) }, test, { world });

const dev: Person = { team: 'T1', user: 'UDEV' };

describe('the gate of a run', () => {
  const place = timeSkippingForTests();
  const inRun = runsUnder(testRunsAt(place));

  const kinds = (world: World) => world.entries.map(({ kind }) => kind);

  describe('with a user group', () => {
    const group = { approvers: ['SREVIEW'] };

    it('lets a member approve, and looks the group up again before it releases', async () => {
      await inRun(group, async ({ world, click, outcome }) => {
        await click('approve', ben);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(world.lookUps, [
          { group: 'SREVIEW', fresh: false },
          { group: 'SREVIEW', fresh: true },
        ]);
      });
    });

    it('refuses who is in no group, tells them who can, and writes it down', async () => {
      await inRun(group, async ({ world, click, refusal, outcome }) => {
        await click('approve', dev);
        assert.equal(await refusal(), 'not-an-approver');
        const [{ message } = { message: undefined }] = world.privately;
        assert.deepEqual(message?.kind === 'refused' && message.item?.policy.approvers, ['SREVIEW']);
        await world.waitFor(() => kinds(world).includes('refused'), 'the entry');
        await click('approve', chloe);
        await outcome();
      });
    });

    it('stays shut while Slack can’t say, and opens when it can', async () => {
      const world = createWorld();
      world.groups.SREVIEW = undefined;
      await inRun(
        group,
        async ({ click, refusal, outcome }) => {
          await click('approve', ben);
          assert.equal(await refusal(), 'unsure');
          assert.equal(world.calls.execute.length, 0);
          world.groups.SREVIEW = ['UBEN'];
          await click('approve', ben);
          assert.equal((await outcome()).state, 'completed');
        },
        world,
      );
    });

    it('stays shut when the look-up before the release fails for good', async () => {
      const world = createWorld();
      await inRun(
        group,
        async ({ click, refusal, outcome }) => {
          await waitingCard(world);
          // The first look-up answers, the second doesn't within its time.
          world.directory.members = async (_group, { fresh }) => {
            if (fresh) throw permanent('internal');
            return ['UBEN'];
          };
          await click('approve', ben);
          assert.equal(await refusal(), 'unsure');
          assert.equal(world.calls.execute.length, 0);
          world.directory.members = async () => ['UBEN'];
          await click('approve', ben);
          assert.equal((await outcome()).state, 'completed');
        },
        world,
      );
    });

    it('rides out a passing fault of Slack in the look-up', async () => {
      const world = createWorld();
      world.failures.lookUp = [transient()];
      await inRun(
        group,
        async ({ click, outcome }) => {
          await click('approve', ben);
          assert.equal((await outcome()).state, 'completed');
        },
        world,
      );
    });

    it('doesn’t count an approval of who has left the group meanwhile', async () => {
      await inRun({ ...group, approvals: 2 }, async ({ world, handle, click, refusal, outcome }) => {
        await click('approve', ben);
        await world.waitFor(() => kinds(world).includes('voted'), 'the first approval');
        world.groups.SREVIEW = ['UCHLOE', 'UDEV'];
        await click('approve', chloe);
        assert.equal(await refusal(), 'no-longer-an-approver');
        await world.waitFor(() => kinds(world).includes('lapsed'), 'the entry');
        const { votes } = (await handle.query(status)) as RunSnapshot;
        assert.deepEqual(
          votes.map(({ by }) => by.user),
          ['UCHLOE'],
        );
        assert.equal(world.calls.execute.length, 0);
        await click('approve', dev);
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('takes no approval back because Slack can’t say just now', async () => {
      await inRun({ ...group, approvals: 2 }, async ({ world, handle, click, refusal, outcome }) => {
        await click('approve', ben);
        await world.waitFor(() => kinds(world).includes('voted'), 'the first approval');
        const { members } = world.directory;
        world.directory.members = async (name, { fresh }) =>
          fresh ? undefined : await members(name, { fresh });
        await click('approve', chloe);
        assert.equal(await refusal(), 'unsure');
        const { votes } = (await handle.query(status)) as RunSnapshot;
        assert.deepEqual(
          votes.map(({ by }) => by.user),
          ['UBEN'],
        );
        assert.ok(!kinds(world).includes('lapsed'));
        world.directory.members = members;
        await click('approve', chloe);
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('lets a member cancel, and nobody else', async () => {
      await inRun(group, async ({ world, cancel, outcome }) => {
        await waitingCard(world);
        await cancel(dev);
        await world.waitFor(
          () => world.privately.some(({ message }) => message.kind === 'cannot-cancel'),
          'the refusal',
        );
        await cancel(ben);
        const ended = await outcome();
        assert.deepEqual(ended, { state: 'cancelled', by: ben });
      });
    });
  });

  it('holds nothing against who wants to cancel while Slack can’t say whether they may', async () => {
    await inRun({ approvers: ['SREVIEW'] }, async ({ world, cancel, outcome }) => {
      await waitingCard(world);
      delete world.groups.SREVIEW;
      await cancel(ben);
      await world.waitFor(
        () => world.privately.some(({ message }) => message.kind === 'cancel-unsure'),
        'the word',
      );
      assert.ok(!world.entries.some(({ kind }) => kind === 'refused'));
      await cancel(ana);
      assert.equal((await outcome()).state, 'cancelled');
    });
  });

  describe('where anyone may approve', () => {
    it('takes no click of somebody whom Slack doesn’t know', async () => {
      await inRun({ approvers: ['anyone'] }, async ({ world, click, refusal, outcome }) => {
        world.strangers.add('UFORGED');
        await click('approve', { team: 'T1', user: 'UFORGED' });
        assert.equal(await refusal(), 'unknown-person');
        await click('approve', dev);
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('lets nobody cancel whom Slack doesn’t know', async () => {
      await inRun({ approvers: ['anyone'] }, async ({ world, cancel, outcome }) => {
        world.strangers.add('UFORGED');
        await waitingCard(world);
        const by = { team: 'T1', user: 'UFORGED' };
        await cancel(by);
        await world.waitFor(
          () => world.privately.some(({ message }) => message.kind === 'cannot-cancel'),
          'the refusal',
        );
        await cancel(dev);
        assert.deepEqual(await outcome(), { state: 'cancelled', by: dev });
      });
    });
  });

  describe('when a signal was forged', () => {
    const forged: [string, (decision: Decision) => unknown, string][] = [
      [
        'with another plan’s digest',
        (own) => ({ ...own, items: [{ id: 'plan', digest: 'f'.repeat(64) }] }),
        'wrong-digest',
      ],
      ['for another request', (own) => ({ ...own, request: randomUUID() }), 'other-request'],
      ['for a revision that never was', (own) => ({ ...own, revision: 7 }), 'stale-revision'],
      ['by somebody made up', (own) => ({ ...own, by: { team: 'T1', user: 'UFORGED' } }), 'not-an-approver'],
      [
        'by an approver’s id in another team',
        (own) => ({ ...own, by: { team: 'T9', user: 'UBEN' } }),
        'not-an-approver',
      ],
      [
        'as the edit of somebody who may not',
        (own) => ({ ...own, by: dev, kind: 'edit', steps: [{ title: 'rm -rf', detail: '' }] }),
        'not-an-approver',
      ],
    ];
    for (const [what, forge, reason] of forged) {
      it(`is refused and on record: ${what}`, async () => {
        await inRun({ approvers: ['UBEN'] }, async ({ world, handle, click, outcome }) => {
          await handle.signal(
            humanApprove,
            forge(decisionOn(await waitingCard(world), 'approve', ben)) as Decision,
          );
          const entry = await world.waitFor(
            () => world.entries.find(({ kind }) => kind === 'refused'),
            'the entry',
          );
          assert.equal((entry.data as { refusal: { reason: string } }).refusal.reason, reason);
          assert.equal(world.calls.execute.length, 0);
          await click('reject', ben);
          assert.equal((await outcome()).state, 'rejected');
        });
      });
    }

    for (const payload of [null, 'approve', { kind: 'approve' }, { kind: 'edit', by: ben, at: 'x' }]) {
      it(`is on record when it is no decision: ${JSON.stringify(payload)}`, async () => {
        await inRun({}, async ({ world, handle, click, outcome }) => {
          await waitingCard(world);
          await handle.signal('humanApprove', payload);
          const entry = await world.waitFor(
            () => world.entries.find(({ kind }) => kind === 'refused'),
            'the entry',
          );
          assert.deepEqual(entry.data, { reason: 'malformed' });
          await click('approve', ana);
          assert.equal((await outcome()).state, 'completed');
        });
      });
    }
  });

  describe('in time', () => {
    it('reminds those who haven’t decided, when the policy says', async () => {
      const policy = { approvers: ['UBEN'], remindAfterMs: [4 * HOUR, DAY], expiresAfterMs: 2 * DAY };
      await inRun(policy, async ({ world, handle, outcome }) => {
        assert.equal((await outcome()).state, 'expired');
        const card = world.cards()[0];
        assert.deepEqual(
          world.reminders.map(({ purpose, thread }) => [purpose, thread]),
          [
            ['reminder', card?.ref],
            ['reminder', card?.ref],
          ],
        );
        const { startTime } = await handle.describe();
        const after = world.entries
          .filter(({ kind }) => kind === 'reminded')
          .map(({ at }) => Math.round((Date.parse(at) - startTime.getTime()) / HOUR));
        assert.deepEqual(after, [4, 24]);
      });
    });

    it('leaves the card alone while nobody decides, so that people can type their note', async () => {
      await inRun({ approvers: ['UBEN'], remindAfterMs: [HOUR, DAY] }, async ({ world, outcome }) => {
        assert.equal((await outcome()).state, 'expired');
        assert.equal(world.reminders.length, 2);
        const shown = world.cards()[0]?.states.map(({ state }) => state.kind);
        assert.deepEqual(shown, ['waiting', 'expired']);
      });
    });

    it('lets more people approve after a while, and says so', async () => {
      const policy = {
        approvers: ['UBEN'],
        escalate: { afterMs: HOUR, to: ['UCHLOE'] },
        expiresAfterMs: DAY,
      };
      await inRun(policy, async ({ world, click, refusal, outcome }) => {
        await click('approve', chloe);
        assert.equal(await refusal(), 'not-an-approver', 'not before');
        const later = putOff((await waitingCard(world)).expiresAt, -HOUR);
        await click('approve', chloe, { at: later, note: 'from the future' });
        assert.equal(await refusal(2), 'not-an-approver', 'nor with a moment in the future');
        assert.ok(!kinds(world).includes('escalated'));
        await place.sleep('2 hours');
        assert.equal(world.reminders[0]?.purpose, 'escalation');
        await world.waitFor(() => kinds(world).includes('escalated'), 'the entry');
        const told = world.notices.map(({ ref }) => ref.channel);
        assert.deepEqual(told, ['DUBEN', 'DUCHLOE'], 'each is told once');
        await click('approve', chloe);
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('waits longer when an approver says so', async () => {
      await inRun(
        { approvers: ['UBEN'], expiresAfterMs: DAY },
        async ({ world, handle, click, refusal, outcome }) => {
          await click('extend', ana);
          assert.equal(await refusal(), 'not-an-approver');
          const { expiresAt } = await waitingCard(world);
          await place.sleep('20 hours');
          await click('extend', ben, { until: putOff(expiresAt, 20 * HOUR) });
          await world.waitFor(() => kinds(world).includes('extended'), 'the entry');
          assert.equal((await outcome()).state, 'expired');
          const { startTime, closeTime } = await handle.describe();
          const hours = Math.round((Number(closeTime) - Number(startTime)) / HOUR);
          assert.equal(hours, 44);
        },
      );
    });
  });

  describe('by the clock on the wall', () => {
    const inRun = runsUnder(testRunsAt(devServerForTests()));

    it('counts a click that came before the expiry, though Slack says who it was only after', async () => {
      const world = createWorld();
      let answer: () => void = () => {};
      const late = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await inRun(
        { approvers: ['SREVIEW'], expiresAfterMs: 2_000 },
        async ({ click, outcome }) => {
          await waitingCard(world);
          const asked = new Promise<void>((resolve) => {
            world.directory.members = async () => {
              resolve();
              await late;
              return ['UBEN'];
            };
          });
          await click('approve', ben);
          await asked;
          await delay(2_500);
          answer();
          assert.equal((await outcome()).state, 'completed');
        },
        world,
      );
    });

    it('counts a click that waited behind another one when the time was up', async () => {
      const world = createWorld();
      let answer: () => void = () => {};
      const late = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const policy = { approvers: ['SREVIEW'], approvals: 2, expiresAfterMs: 2_000 };
      await inRun(
        policy,
        async ({ click, outcome }) => {
          await waitingCard(world);
          world.directory.members = async () => {
            await late;
            return ['UBEN', 'UCHLOE'];
          };
          await click('approve', ben);
          await click('approve', chloe);
          await delay(2_500);
          answer();
          assert.equal((await outcome()).state, 'completed');
          assert.deepEqual(world.privately, []);
        },
        world,
      );
    });

    it('is decided once, whichever of a click and the expiry comes first', async () => {
      const clickAfter = (waitMs: number) =>
        inRun({ expiresAfterMs: 2_000 }, async ({ world, card, click, outcome }) => {
          await card();
          await delay(waitMs);
          await click('approve').catch(() => 'it is over');
          const { state } = await outcome();
          assert.ok(state === 'completed' || state === 'expired', `${waitMs} ms: ${state}`);
          assert.equal(world.calls.execute.length, state === 'completed' ? 1 : 0);
          const last = world.cards()[0]?.states.at(-1)?.state.kind;
          assert.equal(last, state, 'the card says the same');
        });
      await Promise.all([1_900, 1_990, 2_000, 2_010].map(clickAfter));
    });
  });

  describe('with an edit', () => {
    const steps = [{ title: 'Ask the team first', detail: '' }];

    it('asks for approval of what was edited, and carries out exactly that', async () => {
      await inRun({}, async ({ world, click, outcome }) => {
        await click('edit', ana, { steps });
        const card = await waitingCard(world, 2);
        assert.equal(world.calls.execute.length, 0, 'an edit approves nothing');
        const planned = world.cards().at(-1)?.states[0]?.planned;
        assert.deepEqual([planned?.plan.steps, planned?.editedBy, planned?.revision], [steps, ana, 2]);
        assert.notEqual(card.digest, world.cards()[0]?.states[0]?.planned?.digest);
        assert.deepEqual(world.changes[0], { from: 1, to: 2 });
        await click('approve', ana, { revision: 2 });
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.calls.plan.length, 1, 'the model wrote nothing anew');
      });
    });

    it('shuts its author out under four eyes, in the next revisions too', async () => {
      const policy = { approvers: ['UBEN', 'UCHLOE'], requesterMayApprove: false };
      await inRun(policy, async ({ click, refusal, outcome }) => {
        await click('edit', ben, { steps });
        await click('approve', ben, { revision: 2 });
        assert.equal(await refusal(), 'edited');
        await click('changes', ana, {
          revision: 2,
          note: 'shorter',
        });
        await click('approve', ben, { revision: 3 });
        assert.equal(await refusal(2), 'edited');
        await click('approve', chloe, { revision: 3 });
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('is refused when it changes nothing, and the plan waits as it was', async () => {
      await inRun({}, async ({ world, click, refusal, outcome }) => {
        const { steps: same = [] } = world.cards()[0]?.states[0]?.planned?.plan ?? {};
        await waitingCard(world);
        await click('edit', ana, { steps: same });
        assert.equal(await refusal(), 'bad-edit');
        await click('approve', ana);
        assert.equal((await outcome()).state, 'completed');
      });
    });
  });

  it('carries out no note where several must approve: nobody approved the others’ notes', async () => {
    await inRun({ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }, async ({ world, click, outcome }) => {
      await click('approve', ben, { note: 'fine' });
      await click('approve', chloe, { note: 'and delete the archive' });
      await outcome();
      const [{ note, by } = { note: undefined, by: undefined }] = world.calls.execute;
      assert.deepEqual([note, by], ['', 'UBEN, UCHLOE']);
      const notes = world.entries.flatMap((entry) =>
        entry.kind === 'voted' ? [(entry.data as { decision: Decision }).decision.note] : [],
      );
      assert.deepEqual(notes, ['fine', 'and delete the archive'], 'they stay on record');
    });
  });

  describe('with a request for changes, under four eyes', () => {
    const fourEyes = { requesterMayApprove: false };

    it('shuts out who asked for them, as after an edit', async () => {
      const policy = { ...fourEyes, approvers: ['SREVIEW'] };
      await inRun(policy, async ({ world, click, refusal, outcome }) => {
        await click('changes', ben, { note: 'and delete the archive' });
        await waitingCard(world, 2);
        await click('approve', ben, { revision: 2 });
        assert.equal(await refusal(), 'edited');
        assert.equal(world.calls.execute.length, 0);
        await click('approve', chloe, { revision: 2 });
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('escalates at once where too few others are left and the policy names somebody, and not again later', async () => {
      const policy = {
        ...fourEyes,
        approvers: ['UBEN'],
        escalate: { afterMs: HOUR, to: ['UCHLOE'] },
        expiresAfterMs: DAY,
      };
      await inRun(policy, async ({ world, click, outcome }) => {
        await click('changes', ben, { note: 'shorter' });
        await waitingCard(world, 2);
        await world.waitFor(() => kinds(world).includes('escalated'), 'the entry');
        await world.waitFor(() => world.reminders.length === 1, 'the mention');
        await place.sleep('2 hours');
        assert.deepEqual(
          world.reminders.map(({ purpose }) => purpose),
          ['escalation'],
        );
        await click('approve', chloe, { revision: 2 });
        assert.equal((await outcome()).state, 'completed');
      });
    });

    it('ends the run with the reason where nobody else is left, and no new plan is written', async () => {
      for (const approvers of [['UBEN'], ['SREVIEW']]) {
        const world = createWorld();
        world.groups.SREVIEW = ['UBEN', 'UANA'];
        await inRun(
          { ...fourEyes, approvers },
          async ({ click, outcome }) => {
            await click('changes', ben, { note: 'shorter' });
            const ended = await outcome();
            assert.ok(ended.state === 'cancelled' && !ended.by);
            assert.match(ended.why ?? '', /Too few people are left who can approve/);
            assert.equal(world.calls.plan.length, 1);
            assert.equal(world.calls.execute.length, 0);
          },
          world,
        );
      }
    });

    it('ends nothing while Slack can’t say who is in the group', async () => {
      const policy = { ...fourEyes, approvers: ['SREVIEW'] };
      await inRun(policy, async ({ world, click, outcome }) => {
        await waitingCard(world);
        const { members } = world.directory;
        await click('changes', ana, { note: 'shorter' });
        world.directory.members = async () => undefined;
        await waitingCard(world, 2);
        world.directory.members = members;
        await click('approve', chloe, { revision: 2 });
        assert.equal((await outcome()).state, 'completed');
      });
    });
  });

  describe('and those whom it names', () => {
    it('tells them that it waits, and what became of it', async () => {
      await inRun({ approvers: ['UBEN', 'SREVIEW'] }, async ({ world, click, outcome }) => {
        await world.waitFor(() => world.notices.length === 2, 'the notices');
        await click('reject', ben);
        await outcome();
        assert.deepEqual(
          world.notices.map(({ states }) => states),
          [
            ['waiting', 'rejected'],
            ['waiting', 'rejected'],
          ],
        );
      });
    });

    it('leaves them in peace where the policy says so, and where it names nobody', async () => {
      for (const policy of [
        { approvers: ['UBEN', 'anyone'], notify: false },
        { approvers: ['anyone'] },
        {},
      ]) {
        await inRun(policy, async ({ world, click, outcome }) => {
          await click('reject', ana);
          await outcome();
          assert.deepEqual(world.notices, []);
        });
      }
    });
  });

  describe('and the ledger', () => {
    it('ends the chain in the run’s memo and on its finished card', async () => {
      await inRun({}, async ({ world, handle, click, outcome }) => {
        await click('approve', ana);
        await outcome();
        const { memo } = await handle.describe();
        const last = world.cards()[0]?.states.at(-1)?.state;
        assert.ok(last?.kind === 'completed' && last.head);
        assert.deepEqual(memo?.ledgerHead, last.head);
        assert.equal(last.head.sequence, world.entries.length);
      });
    });

    it('doesn’t keep the card waiting when it is away, and has all of it in the end', async () => {
      const world = createWorld();
      await inRun(
        {},
        async ({ click, outcome }) => {
          await waitingCard(world);
          world.failures.append = Array.from({ length: 200 }, () => new Error('the database is away'));
          await click('approve', ana);
          const card = await world.waitFor(
            () => world.cards()[0]?.states.find(({ state }) => state.kind === 'completed'),
            'the finished card',
          );
          assert.ok(card.state.kind === 'completed' && !card.state.head, 'without the end of the chain');
          world.failures.append = [];
          assert.equal((await outcome()).state, 'completed');
          assert.equal(kinds(world).at(-1), 'ended');
          assert.equal(new Set(world.entries.map(({ key }) => key)).size, world.entries.length);
        },
        world,
      );
    });
  });
});
