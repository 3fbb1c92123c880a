import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApprovalPolicy, ToolRule } from '../../src/approval/policy.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { RunInput } from '../../src/run/input.js';
import type { RequestMessage } from '../../src/run/request.js';
import { answerInTurn } from '../support/run/answers.js';
import { failureOf, type TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { waitingCard } from '../support/run/votes.js';
import { createWorld, permanent, type World } from '../support/run/world.js';
import { ana, ben, chloe, policyWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const DAY = 86_400_000;
const fourEyes = { approvers: ['UBEN', 'UCHLOE'], approvals: 2, requesterMayApprove: false };

describe('after the policy file became stricter', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  function worldWithTool(...turns: World['turns']): World {
    const world = createWorld();
    const inputSchema = { type: 'object' };
    world.tools.push({ name: 'todo__list', description: 'Lists', inputSchema, readOnly: true });
    world.tools.push({ name: 'todo__add', description: 'Adds', inputSchema, readOnly: false });
    world.turns.push(...turns);
    return world;
  }
  const add = { id: 'toolu_1', name: 'todo__add', input: {} };
  const list = { id: 'toolu_2', name: 'todo__list', input: {} };
  const lastAnswer = (world: World) => JSON.stringify(world.asked.at(-1)?.exchanges.at(-1));
  const deny = (match: string): ToolRule[] => [{ match, rule: 'deny' }];

  /** Fails a run, and tries it again as `Retry` does. */
  async function retried(
    world: World,
    fail: (run: TestRun) => Promise<void>,
    test: (run: TestRun) => Promise<void>,
    { started = {}, now = policyWith(fourEyes) }: { started?: Partial<RunInput>; now?: ApprovalPolicy } = {},
  ): Promise<void> {
    let again: Partial<RunInput> = {};
    await inRun(
      started,
      async (run) => {
        await fail(run);
        const { input, resume } = await failureOf(run.handle);
        again = { ...input, resume: { ...resume, retriedBy: ana } };
      },
      { world },
    );
    world.policyFile.now = now;
    await inRun(again, test, { world });
  }

  it('the open request keeps the policy on its card, and the next revision asks by the file of now', async () => {
    await inRun({}, async ({ world, click, refusal, outcome }) => {
      const first = await waitingCard(world);
      world.policyFile.now = policyWith(fourEyes);
      await click('changes', ana, { note: 'shorter' });
      assert.equal(first.revision, 1);
      await waitingCard(world, 2);
      await click('approve', ana, { revision: 2 });
      assert.equal(await refusal(), 'four-eyes');
      await click('approve', ben, { revision: 2 });
      await click('approve', chloe, { revision: 2 });
      assert.equal((await outcome()).state, 'completed');
    });
  });

  it('who may approve the next revision may see and stop the run, too', async () => {
    await inRun({}, async ({ world, click, handle, cancel, outcome }) => {
      await waitingCard(world);
      world.policyFile.now = policyWith(fourEyes);
      await click('changes', ana, { note: 'shorter' });
      await waitingCard(world, 2);
      const memo = async () => (await handle.describe()).memo;
      // The listeners let those try it whom the memo names.
      assert.deepEqual((await memo())?.approvers, fourEyes.approvers);
      assert.equal((await memo())?.goal, 'Draft the release notes');
      await cancel(chloe);
      assert.deepEqual(await outcome(), { state: 'cancelled', by: chloe });
    });
  });

  it('an edit is approved by the file of now, too', async () => {
    await inRun({}, async ({ world, click, refusal, outcome }) => {
      await waitingCard(world);
      world.policyFile.now = policyWith({ ...fourEyes, approvals: 1 });
      await click('edit', ana, { steps: [{ title: 'Ask the team', detail: '' }] });
      await waitingCard(world, 2);
      await click('approve', ana, { revision: 2 });
      assert.equal(await refusal(), 'four-eyes');
      await click('approve', ben, { revision: 2 });
      assert.equal((await outcome()).state, 'completed');
    });
  });

  it('a plan that waited for a retry is asked about by the file of now', async () => {
    const world = createWorld();
    world.failures.postCard.push(permanent('is_archived'));
    await retried(
      world,
      async () => {},
      async ({ click, refusal, outcome }) => {
        await click('approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        await click('approve', ben);
        await click('approve', chloe);
        assert.equal((await outcome()).state, 'completed');
      },
    );
  });

  it('an approval that it would not take any more is asked for again at a retry', async () => {
    const world = worldWithTool({ end: 'refused' });
    const waiting = (count: number) =>
      world.waitFor(
        () => world.cards().filter(({ states }) => states[0]?.state.kind === 'waiting')[count - 1],
        `card ${count}`,
      );
    await retried(
      world,
      ({ click }) => click('approve', ana),
      async ({ decide, outcome }) => {
        const { ref, states } = await waiting(2);
        const [card] = states;
        assert.ok(card?.state.kind === 'waiting');
        const { shortId, requester } = card;
        const { request, item } = card.state;
        const asked = { kind: 'request' as const, shortId, requester, request, revision: 1, item };
        const here = { clickedOn: ref.ts };
        assert.equal(world.calls.execute.length, 1, 'nothing goes on before');
        await decide(asked, 'approve', ana, here);
        await decide(asked, 'approve', ben, here);
        await decide(asked, 'approve', chloe, here);
        assert.equal((await outcome()).state, 'completed');
      },
    );
  });

  it('asks about a call that the run’s own rules let through, and asks whom it names now', async () => {
    const world = worldWithTool({ calls: [list] });
    await inRun(
      {},
      async ({ click, toolCall, decide, refusal, outcome }) => {
        await waitingCard(world);
        world.policyFile.now = policyWith({
          ...fourEyes,
          approvals: 1,
          tools: [{ match: '*', rule: 'ask' }],
        });
        await click('approve', ana);
        const asked = await toolCall('todo__list');
        await decide(asked, 'approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        assert.equal(world.toolCalls.length, 0);
        await decide(asked, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 1);
      },
      { world },
    );
  });

  it('asks again about a tool whose calls those of before had all approved', async () => {
    const world = worldWithTool({ calls: [add] }, { calls: [{ ...add, id: 'toolu_4' }] });
    await inRun(
      {},
      async ({ click, toolCall, decide, outcome }) => {
        await click('approve', ana);
        const first = await toolCall('todo__add');
        world.policyFile.now = policyWith({ ...fourEyes, approvals: 1 });
        await decide(first, 'approve', ana, { everyCall: true });
        const second = await another(world, first);
        assert.equal(world.toolCalls.length, 1);
        await decide(second, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 2);
      },
      { world },
    );
  });

  it('asks those whom a rule of now names, as many as it says, about a call whose arguments it matches', async () => {
    const rule: ToolRule = { match: 'todo__*', rule: 'ask', where: { amount: ['> 1000'] } };
    const pay = (id: string, amount: number) => ({ id, name: 'todo__add', input: { amount } });
    const world = worldWithTool({ calls: [pay('toolu_5', 2000)] }, { calls: [pay('toolu_6', 10)] });
    await inRun(
      { policy: policyWith({ tools: [{ match: 'todo__*', rule: 'allow' }] }) },
      async ({ click, toolCall, decide, refusal, outcome }) => {
        await waitingCard(world);
        const tools: ToolRule[] = [
          { ...rule, approvers: ['UBEN', 'UCHLOE'], approvals: 2 },
          { match: 'todo__*', rule: 'allow' },
        ];
        world.policyFile.now = policyWith({ tools });
        await click('approve', ana);
        const asked = await toolCall('todo__add');
        assert.deepEqual(asked.item.policy.approvers, ['UBEN', 'UCHLOE']);
        assert.ok(asked.item.subject.kind === 'tool-call');
        assert.deepEqual(asked.item.subject.rule?.where, rule.where, 'the request shows why');
        await decide(asked, 'approve', ana);
        assert.equal(await refusal(), 'not-an-approver');
        await decide(asked, 'approve', ben);
        assert.equal(world.toolCalls.length, 0);
        await decide(asked, 'approve', chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(
          world.toolCalls.map(({ input }) => input.amount),
          [2000, 10],
          'the small amount needs nobody',
        );
      },
      { world },
    );
  });

  it('asks about an edited call by the file of now, and drops what all calls of its tool were approved for', async () => {
    const edited = { ...add, input: { title: 'a' } };
    const other = { ...add, id: 'toolu_4', input: { title: 'b' } };
    const world = worldWithTool({ calls: [edited, other] }, { calls: [{ ...other, id: 'toolu_5' }] });
    await inRun(
      {},
      async ({ click, toolCall, decide, refusal, outcome }) => {
        await click('approve', ana);
        const first = await toolCall('todo__add', 'a');
        const second = await toolCall('todo__add', 'b');
        world.policyFile.now = policyWith({ ...fourEyes, approvals: 1 });
        await decide(first, 'edit', ana, { input: { title: 'c' } });
        const third = await toolCall('todo__add', 'c');
        assert.deepEqual(third.item.policy.approvers, fourEyes.approvers);
        await decide(third, 'approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        await decide(second, 'approve', ana, { everyCall: true });
        await world.waitFor(() => world.toolCalls.length === 1, 'the other call');
        await decide(third, 'approve', ben);
        const last = await world.waitFor(
          () =>
            world
              .thread()
              .map(({ states }) => states.at(-1))
              .find(
                (each): each is RequestMessage =>
                  each?.kind === 'request' && ![first, third].some(({ request }) => request === each.request),
              ),
          'a request about the next call',
        );
        await decide(last, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(
          world.toolCalls.map(({ input }) => input.title),
          ['b', 'c', 'b'],
        );
      },
      { world },
    );
  });

  it('approves with “Always allow” no call that needs more people, though the same rule of now asks about it', async () => {
    const tools: ToolRule[] = [{ match: 'todo__*', rule: 'ask' }];
    const large: ToolRule = { match: 'todo__*', rule: 'ask', where: { amount: ['> 1000'] }, approvals: 2 };
    const pay = (id: string, title: string, amount: number) => ({
      ...{ id, name: 'todo__add', input: { title, amount } },
    });
    const world = worldWithTool(
      { calls: [pay('toolu_7', 'small', 10), pay('toolu_8', 'large', 5_000)] },
      { calls: [pay('toolu_9', 'larger', 6_000), pay('toolu_10', 'smaller', 5)] },
    );
    const made = () => world.toolCalls.map(({ input }) => input.title);
    await inRun(
      { policy: policyWith({ approvers: ['UANA', 'UBEN'], tools: [large, ...tools] }) },
      async ({ click, toolCall, decide, outcome }) => {
        await waitingCard(world);
        world.policyFile.now = policyWith({ approvers: ['UANA', 'UBEN'], tools });
        await click('approve', ana);
        await decide(await toolCall('todo__add', 'small'), 'approve', ana, { everyCall: true });
        for (const title of ['large', 'larger']) {
          const asked = await toolCall('todo__add', title);
          await decide(asked, 'approve', ana);
          await world.waitFor(() => made().length > 0, 'the small amount');
          assert.ok(!made().includes(title), 'one of two has approved it');
          await decide(asked, 'approve', ben);
        }
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(made().toSorted(), ['large', 'larger', 'small', 'smaller']);
      },
      { world },
    );
  });

  it('refuses a call with the reason where those whom its rule of now names are fewer than must approve', async () => {
    const world = worldWithTool({ calls: [add] });
    await inRun(
      { policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }) },
      async ({ click, outcome }) => {
        await waitingCard(world);
        const tools: ToolRule[] = [{ match: 'todo__*', rule: 'ask', approvers: ['UDEV'] }];
        world.policyFile.now = policyWith({ approvers: ['UBEN', 'UCHLOE'], tools });
        await click('approve', ben);
        await click('approve', chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 0);
        assert.match(lastAnswer(world), /not made\. The policy was changed .* fewer than 2 people are left/);
      },
      { world },
    );
  });

  const another = (world: World, first: RequestMessage) =>
    world.waitFor(
      () =>
        world
          .thread()
          .map(({ states }) => states.at(-1))
          .find(
            (each): each is RequestMessage =>
              each?.kind === 'request' &&
              each.request !== first.request &&
              each.item.subject.kind === 'tool-call',
          ),
      'another request',
    );

  it('asks again about such a tool where a question was the first to find the new file', async () => {
    const world = worldWithTool({ calls: [add] }, { calls: [{ ...add, id: 'toolu_4' }] });
    const lost = new RemoteError('AnswerLost', 'It died', { retryable: false });
    answerInTurn(world, 'todo__add', lost, 'added');
    await inRun(
      {},
      async ({ click, toolCall, decide, question, answer, outcome }) => {
        await click('approve', ana);
        const first = await toolCall('todo__add');
        world.policyFile.now = policyWith({ ...fourEyes, approvals: 1 });
        await decide(first, 'approve', ana, { everyCall: true });
        await answer(await question('lost-call'), { choice: 'happened' }, ben);
        const second = await another(world, first);
        assert.equal(world.toolCalls.length, 1);
        await decide(second, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
      },
      { world },
    );
  });

  it('asks about a call by the file of now that was changed while a question waited before it', async () => {
    const world = worldWithTool({ calls: [add] });
    await inRun(
      { policy: policyWith({ budget: { turns: 1 } }) },
      async ({ click, toolCall, decide, question, answer, refusal, outcome }) => {
        await click('approve', ana);
        const asked = await question('budget');
        world.policyFile.now = policyWith({ ...fourEyes, approvals: 1, budget: { turns: 9 } });
        await answer(asked, { choice: 'grant' });
        const call = await toolCall('todo__add');
        await decide(call, 'approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        assert.equal(world.toolCalls.length, 0);
        await decide(call, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
      },
      { world },
    );
  });

  it('asks again about such a tool after a retry', async () => {
    const world = worldWithTool({ calls: [add] }, { end: 'refused' }, { calls: [{ ...add, id: 'toolu_4' }] });
    let first: RequestMessage | undefined;
    await retried(
      world,
      async ({ click, toolCall, decide }) => {
        await click('approve', ben);
        first = await toolCall('todo__add');
        await decide(first, 'approve', ana, { everyCall: true });
      },
      async ({ decide, refusal, outcome }) => {
        assert.ok(first);
        const second = await another(world, first);
        assert.equal(world.toolCalls.length, 1);
        await decide(second, 'approve', ana);
        assert.equal(await refusal(), 'four-eyes');
        await decide(second, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
      },
      {
        started: { policy: policyWith({ approvers: ['requester', 'UBEN'] }) },
        now: policyWith({ approvers: ['UBEN'], requesterMayApprove: false }),
      },
    );
  });

  it('asks again at a retry where a guest approved, and only members may now', async () => {
    const world = worldWithTool({ end: 'refused' });
    world.guests.add('UBEN');
    await retried(
      world,
      ({ click }) => click('approve', ben),
      async ({ cancel, outcome }) => {
        const asked = () => world.cards().filter(({ states }) => states[0]?.state.kind === 'waiting')[1];
        await world.waitFor(asked, 'another card');
        assert.equal(world.asked.length, 1, 'nothing goes on before');
        await cancel();
        assert.equal((await outcome()).state, 'cancelled');
      },
      {
        started: { policy: policyWith({ approvers: ['anyone'] }) },
        now: policyWith({ approvers: ['members'] }),
      },
    );
  });

  it('makes no call that it denies, though people had been asked before: the call counts as not made', async () => {
    const world = worldWithTool({ calls: [add] });
    await inRun(
      {},
      async ({ click, toolCall, decide, outcome }) => {
        await click('approve', ana);
        const asked = await toolCall('todo__add');
        world.policyFile.now = policyWith({ tools: deny('todo__*') });
        await decide(asked, 'approve', ana);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 0);
        assert.match(lastAnswer(world), /The call was not made: The policy denies todo__add now/);
      },
      { world },
    );
  });

  it('ends the run with the reason where the names can’t meet it', async () => {
    await inRun({}, async ({ world, click, outcome }) => {
      await waitingCard(world);
      world.policyFile.now = policyWith({ approvers: ['UBEN'], requesterMayApprove: false });
      await click('changes', ana, { note: 'shorter' });
      await waitingCard(world, 2);
      await click('changes', ben, { note: 'longer', revision: 2 });
      const ended = await outcome();
      assert.ok(ended.state === 'cancelled');
      assert.match(ended.why ?? '', /The policy was changed after this run began, and nobody is left/);
    });
  });

  it('refuses a call with the reason where the names can’t meet it, and the run goes on', async () => {
    const world = worldWithTool({ calls: [add] });
    await inRun(
      { policy: policyWith({ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }) },
      async ({ click, outcome }) => {
        await waitingCard(world);
        world.policyFile.now = policyWith({ approvers: ['UBEN'] });
        await click('approve', ben);
        await click('approve', chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 0);
        assert.match(lastAnswer(world), /not made\. The policy was changed .* fewer than 2 people are left/);
      },
      { world },
    );
  });

  it('asks nobody of before where goals are no longer taken in the channel', async () => {
    const world = worldWithTool({ calls: [add] });
    await inRun(
      {},
      async ({ click, outcome }) => {
        await waitingCard(world);
        world.policyFile.now = policyWith({ approvers: [] });
        await click('approve', ana);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 0);
        assert.match(lastAnswer(world), /not made\. The policy was changed .* nobody is left/);
      },
      { world },
    );
  });

  it('stops at the smaller budget, and an approver grants more', async () => {
    const world = worldWithTool({ calls: [list] }, { calls: [{ ...list, id: 'toolu_3' }] });
    await inRun(
      { policy: policyWith({ expiresAfterMs: DAY }) },
      async ({ click, question, answer, outcome }) => {
        await waitingCard(world);
        world.policyFile.now = policyWith({ budget: { turns: 1 } });
        await click('approve', ana);
        await answer(await question('budget'), { choice: 'grant' });
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.asked.length, 3);
      },
      { world },
    );
  });

  it('changes nothing where it says what it said', async () => {
    const world = worldWithTool({ calls: [add] });
    world.policyFile.now = policyWith({});
    await inRun(
      {},
      async ({ click, toolCall, decide, outcome }) => {
        await click('approve', ana);
        await decide(await toolCall('todo__add'), 'approve', ana);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(world.lookUps, []);
      },
      { world },
    );
  });
});
