import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Person } from '../../src/approval/person.js';
import type { ApprovalPolicy, ToolRule } from '../../src/approval/policy.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { ModelCall } from '../../src/run/execution/conversation.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import type { RequestMessage } from '../../src/run/request.js';
import { answerInTurn } from '../support/run/answers.js';
import type { TestRun } from '../support/run/test-run.js';
import { approvedRuns, testRunsAt } from '../support/run/test-runs.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, ben, chloe } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

let ids = 0;
const call = (name: string, input: Record<string, unknown>): ModelCall => {
  ids += 1;
  return { id: `toolu_${ids}`, name, input };
};

function worldWith(...calls: ModelCall[]): World {
  const world = createWorld();
  for (const name of ['todo__add', 'todo__remove']) {
    const schema = { type: 'object', properties: { title: { type: 'string' } } };
    world.tools.push({ name, description: name, inputSchema: schema, readOnly: false });
  }
  world.turns.push({ calls });
  return world;
}

const add = (title: string) => call('todo__add', { title, sentence: `Add “${title}”` });

function callOf({ item: { subject } }: RequestMessage): ToolCall {
  assert.ok(subject.kind === 'tool-call');
  return subject.call;
}

/** Last refusal that a person was told, with the reason why an edit was not taken. */
function lastRefusal(world: World): { reason: string; problem?: string } | undefined {
  const { message } = world.privately.at(-1) ?? {};
  return message?.kind === 'refused' ? message.refusal : undefined;
}

describe('a call that an approver edits', () => {
  const executing = approvedRuns(testRunsAt(timeSkippingForTests()));
  const edit = (title: string) => ({ input: { title } });
  const fourEyes = (approvers: string[]) => ({ approvers, requesterMayApprove: false });

  it('is asked about anew, made as edited once that is approved, and the model is told', async () => {
    const world = worldWith(add('Buy milk'));
    await executing(world, async ({ toolCall, decide, refusal, outcome, progress }) => {
      const asked = await toolCall('todo__add', 'Buy milk');
      await decide(asked, 'edit', ana, edit('Buy oat milk'));
      const edited = await toolCall('todo__add', 'Buy oat milk');
      assert.notEqual(edited.item.digest, asked.item.digest);
      assert.notEqual(edited.request, asked.request);
      const { edited: how, sentence } = callOf(edited);
      assert.deepEqual(how, { by: [ana], from: { title: 'Buy milk' } });
      assert.equal(sentence, undefined, 'the agent’s sentence was about other values');
      assert.deepEqual(world.toolCalls, [], 'an edit approves nothing');
      await decide(asked, 'approve');
      assert.equal(await refusal(), 'already-decided');
      await decide(edited, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(world.toolCalls, [{ name: 'todo__add', input: { title: 'Buy oat milk' } }]);
      const heard = JSON.stringify(world.asked.at(-1)?.exchanges.at(-1));
      assert.match(
        heard,
        /A person edited this call before it was approved\..*Buy oat milk.*todo__add did it/,
      );
      assert.match(JSON.stringify(progress()), /"detail":"title: Buy oat milk"/);
      const ends = world.entries.flatMap(({ kind, data }) => (kind === 'decided' ? [data.outcome] : []));
      assert.deepEqual(
        ends.map(({ kind }) => kind),
        ['approve', 'edit', 'approve'],
      );
      const [, onRecord] = ends;
      assert.ok(onRecord?.kind === 'edit');
      assert.deepEqual([onRecord.decision.by, onRecord.decision.input], [ana, { title: 'Buy oat milk' }]);
    });
  });

  it('can’t be approved under four eyes by who edited it', async () => {
    const world = worldWith(add('Buy milk'));
    await executing(
      world,
      async ({ toolCall, decide, refusal, outcome }) => {
        await decide(await toolCall('todo__add'), 'edit', ben, edit('Buy oat milk'));
        const edited = await toolCall('todo__add', 'Buy oat milk');
        await decide(edited, 'approve', ben);
        assert.equal(await refusal(), 'edited');
        await decide(edited, 'approve', chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 1);
      },
      fourEyes(['UBEN', 'UCHLOE']),
      [ben],
    );
  });

  const refused: [why: string, by: Person, title: string, policy: Partial<ApprovalPolicy>, says: RegExp][] = [
    ['nobody else could approve it', ben, 'x', fourEyes(['UBEN']), /nobody else could approve it/],
    ['its values don’t fit the tool', ana, 'no title', {}, /^title is missing$/],
    ['it changes nothing', ana, 'Buy milk', {}, /^it changes nothing$/],
    [
      'the policy denies its values',
      ana,
      'Buy gold',
      { tools: [{ match: 'todo__add', rule: 'deny', where: { title: ['*gold*'] } }] },
      /^the policy denies this action with these values$/,
    ],
  ];
  for (const [why, by, title, policy, says] of refused) {
    it(`waits as it was where ${why}, and the person is told`, async () => {
      const world = worldWith(add('Buy milk'));
      const test = async ({ toolCall, decide, refusal, outcome }: TestRun) => {
        const asked = await toolCall('todo__add');
        await decide(asked, 'edit', by, edit(title));
        assert.equal(await refusal(), 'bad-edit');
        assert.match(lastRefusal(world)?.problem ?? '', says);
        await decide(asked, 'approve', by);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(world.toolCalls, [{ name: 'todo__add', input: { title: 'Buy milk' } }]);
      };
      await executing(world, test, policy, [by]);
    });
  }

  it('can’t be made again under four eyes by who edited it, where its answer was lost', async () => {
    const world = worldWith(add('Buy milk'));
    answerInTurn(world, 'todo__add', new RemoteError('AnswerLost', 'It died', { retryable: false }), 'added');
    await executing(
      world,
      async ({ toolCall, decide, question, answer, refusal, outcome }) => {
        await decide(await toolCall('todo__add'), 'edit', ben, edit('Buy oat milk'));
        await decide(await toolCall('todo__add', 'Buy oat milk'), 'approve', chloe);
        const lost = await question('lost-call');
        await answer(lost, { choice: 'again' }, ben);
        assert.equal(await refusal(), 'edited');
        assert.equal(world.toolCalls.length, 1);
        await answer(lost, { choice: 'again' }, chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.equal(world.toolCalls.length, 2);
      },
      fourEyes(['UBEN', 'UCHLOE']),
      [ben],
    );
  });

  it('asks for its tool those who may approve it, whatever the rule for its new values is, and not who edited it', async () => {
    const world = worldWith(add('Buy milk'));
    world.answers.set('todo__add', async (_input, signal, ask) => {
      assert.ok(ask && signal);
      const said = await ask({ text: 'Where?', options: ['here', 'there'], freeText: false }, signal);
      return { content: [{ type: 'text', text: JSON.stringify(said) }], isError: false };
    });
    const small: ToolRule = { match: 'todo__add', rule: 'allow', where: { title: ['*oat*'] } };
    await executing(
      world,
      async ({ toolCall, decide, question, answer, refusal, outcome }) => {
        await decide(await toolCall('todo__add'), 'edit', ben, edit('Buy oat milk'));
        await decide(await toolCall('todo__add', 'Buy oat milk'), 'approve', chloe);
        const asked = await question('question');
        await answer(asked, { choice: '0' }, ben);
        assert.equal(await refusal(), 'edited');
        await answer(asked, { choice: '0' }, ana);
        assert.equal(await refusal(2), 'four-eyes');
        await answer(asked, { choice: '1' }, chloe);
        assert.equal((await outcome()).state, 'completed');
        assert.match(JSON.stringify(world.asked.at(-1)?.exchanges.at(-1)), /there/);
      },
      { ...fourEyes(['UBEN', 'UCHLOE']), tools: [small] },
      [ben],
    );
  });

  it('is edited by nobody who may not approve it', async () => {
    const world = worldWith(add('Buy milk'));
    await executing(world, async ({ toolCall, decide, refusal, outcome }) => {
      const asked = await toolCall('todo__add');
      await decide(asked, 'edit', chloe, edit('Buy oat milk'));
      assert.equal(await refusal(), 'not-an-approver');
      await decide(asked, 'reject');
      assert.equal((await outcome()).state, 'completed');
    });
  });

  it('is asked about by the rule for its new values', async () => {
    const world = worldWith(add('Buy milk'));
    const rule = {
      match: 'todo__add',
      rule: 'ask' as const,
      where: { title: ['*gold*'] },
      approvers: ['UBEN'],
    };
    await executing(
      world,
      async ({ toolCall, decide, refusal, outcome }) => {
        await decide(await toolCall('todo__add'), 'edit', ana, edit('Buy gold'));
        const edited = await toolCall('todo__add', 'Buy gold');
        await decide(edited, 'approve', ana);
        assert.equal(await refusal(), 'not-an-approver');
        await decide(edited, 'approve', ben);
        assert.equal((await outcome()).state, 'completed');
      },
      { tools: [rule] },
    );
  });

  it('isn’t approved by an approval of all calls of its tool, and may be edited again', async () => {
    const world = worldWith(add('one'), add('two'));
    await executing(world, async ({ toolCall, decide, refusal, outcome }) => {
      await decide(await toolCall('todo__add', 'one'), 'edit', ana, edit('uno'));
      const edited = await toolCall('todo__add', 'uno');
      await decide(await toolCall('todo__add', 'two'), 'approve', ana, { everyCall: true });
      await world.waitFor(() => world.toolCalls.length === 1, 'the other call');
      await decide(edited, 'approve', ana, { everyCall: true });
      assert.equal(await refusal(), 'not-offered', 'nor does it approve later ones');
      await decide(edited, 'edit', ana, edit('un'));
      const again = await toolCall('todo__add', 'un');
      assert.deepEqual(callOf(again).edited, { by: [ana, ana], from: { title: 'one' } });
      await decide(again, 'reject', ana, { note: 'neither' });
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(
        world.toolCalls.map(({ input }) => input.title),
        ['two'],
      );
    });
  });
});

describe('the calls of one turn', () => {
  const executing = approvedRuns(testRunsAt(timeSkippingForTests()));
  const asked = (world: World) =>
    world.thread().flatMap(({ states }) => {
      const last = states.at(-1);
      return last?.kind === 'request' ? [last] : [];
    });

  it('are one message, in which each shows its own end; the ledger knows the message of each', async () => {
    const world = worldWith(add('one'), add('two'), call('todo__remove', { title: 'old' }));
    await executing(world, async ({ toolCall, decide, outcome }) => {
      const one = await toolCall('todo__add', 'one');
      const two = await toolCall('todo__add', 'two');
      const remove = await toolCall('todo__remove');
      assert.equal(new Set([one, two, remove].map(({ request }) => request)).size, 1);
      assert.deepEqual(
        [one, two, remove].map(({ item }) => [item.id, item.alone]),
        [
          ['1', undefined],
          ['2', undefined],
          ['3', true],
        ],
      );
      const items = [one, two].map(({ item: { id, digest } }) => ({ id, digest }));
      await decide(one, 'approve', ana, { items });
      await world.waitFor(() => world.toolCalls.length === 2, 'both calls, after one click');
      await decide(remove, 'reject');
      assert.equal((await outcome()).state, 'completed');
      const [message, ...more] = asked(world);
      assert.deepEqual(more, []);
      assert.deepEqual(
        message?.items?.map(({ outcome: end }) => end?.kind),
        ['approve', 'approve', 'reject'],
      );
      const [posted] = world.entries.flatMap(({ kind, data }) =>
        kind === 'posted' && data.request === one.request ? [data] : [],
      );
      assert.deepEqual([posted?.item, posted?.also], ['1', ['2', '3']]);
    });
  });

  it('may do harm: then one click approves no other one with it, and none from then on', async () => {
    const world = worldWith(add('one'), call('todo__remove', { title: 'old' }));
    await executing(world, async ({ toolCall, decide, refusal, outcome }) => {
      const one = await toolCall('todo__add');
      const remove = await toolCall('todo__remove');
      const items = [one, remove].map(({ item: { id, digest } }) => ({ id, digest }));
      await decide(one, 'approve', ana, { items });
      assert.equal(await refusal(), 'not-offered', 'the other one is approved all the same');
      await decide(remove, 'approve', ana, { everyCall: true });
      assert.equal(await refusal(2), 'not-offered');
      await decide(remove, 'approve');
      assert.equal((await outcome()).state, 'completed');
      assert.equal(world.toolCalls.length, 2);
    });
  });

  it('are five in a message, and then a second one follows', async () => {
    const world = worldWith(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(add));
    await executing(world, async ({ toolCall, decide, outcome }) => {
      const last = await toolCall('todo__add', 'g');
      await decide(last, 'approve', ana, { everyCall: true });
      assert.equal((await outcome()).state, 'completed');
      assert.deepEqual(
        asked(world)
          .map(({ items = [] }) => items.length)
          .toSorted(),
        [2, 5],
      );
    });
  });
});
