import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { todoServer } from '../../sandbox/todo-server/command.js';
import type { Message, Workspace } from '../../sandbox/workspace/index.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { approvedRun } from '../support/slack/execution.js';
import {
  ASKS,
  buttonsOf,
  cardOf,
  directMessages,
  QUESTION,
  startWaitingRun,
  wordsOf,
} from '../support/slack/people.js';

const adds = (title: string) => `add to the to-do list: "${title}"`;

describe('what a run asks while it is carried out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'home-'));
  let stack: Stack;
  let workspace: Workspace;
  before(async () => {
    const policy = join(folder, 'policy.yml');
    const own = '{ approvers: [U02BEN, U03CHLOE], approvals: 2, requesterMayApprove: false }';
    writeFileSync(policy, `default: {}\nchannels:\n  C02APPROVALS: ${own}\n`);
    const mcp = join(folder, 'mcp.json');
    writeFileSync(mcp, JSON.stringify({ mcpServers: { todo: todoServer(join(folder, 'todos.json')) } }));
    stack = await startStack({ env: { POLICY_FILE: policy, MCP_CONFIG: mcp } });
    ({ workspace } = stack);
    for (const user of Object.values(workspace.people)) await workspace.as(user).openHome();
  });
  after(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  /** A run of Ana's whose plan Ben and Chloe have approved. */
  const approved = (goal: string) => {
    const { people, channels } = workspace;
    return approvedRun(workspace, people.ana, channels.approvals, goal, [people.ben, people.chloe]);
  };
  const asked = ({ channel, ts }: Message, text: RegExp): Promise<Message> =>
    workspace.waitFor(() => workspace.thread(channel, ts).find((message) => text.test(message.text)), {
      what: `a message that says ${text}`,
      timeoutMs: 20_000,
    });
  const partsOf = (user: string): string[] =>
    JSON.stringify(workspace.home(user)?.blocks ?? []).split(
      /"text":"(?:Waiting for you|Started by you|Recent)/,
    );
  /** Waits until a part of App Home shows this, which nobody opens again meanwhile. */
  const shows = (user: string, part: 'waiting' | 'started' | 'recent', text: RegExp) =>
    workspace.waitFor(
      () => text.test(partsOf(user)[['', 'waiting', 'started', 'recent'].indexOf(part)] ?? ''),
      {
        what: `${text} in the part ${part} of the Home of ${user}`,
        timeoutMs: 10_000,
      },
    );
  const linkTo = ({ channel, ts }: Message) => `archives/${channel}/p${ts.replace('.', '')}`;

  it('waits in App Home for those who can answer or approve, until they have', async () => {
    const { ana, ben, chloe, dev } = workspace.people;
    const { shortId, card } = await approved(
      `ask the approvers which one goes first, then ${adds('Write the launch post')}`,
    );

    const question = await asked(card, QUESTION);
    for (const user of [ben, chloe]) {
      await shows(user, 'waiting', new RegExp(`1 question for you.*${shortId}.*${linkTo(question)}`));
    }
    for (const user of [ana, dev]) await shows(user, 'waiting', /Nothing waits for you/);
    const [option = ''] = buttonsOf(question);
    await workspace.as(ben).click(question, option);
    for (const user of [ben, chloe]) await shows(user, 'waiting', /^(?!.*question for you)/);

    const call = await asked(card, ASKS);
    for (const user of [ben, chloe]) {
      await shows(user, 'waiting', new RegExp(`1 action for you.*${shortId}.*${linkTo(call)}`));
    }
    await workspace.as(ben).click(call, 'Approve');
    await shows(ben, 'waiting', /Nothing waits for you/);
    await shows(ben, 'recent', /1 action waits for <@U03CHLOE>/);
    await shows(chloe, 'waiting', /1 action for you/);
    await workspace.as(ana).command(card.channel, '/agent', `status ${shortId}`);
    const status = await workspace.waitFor(
      () => workspace.ephemerals(ana).findLast(({ text }) => text.includes("is approved. I'm working on it")),
      { what: 'the status' },
    );
    assert.match(status.text, /Waiting in the thread: `Add “.*” to the to-do list`\n/);
    assert.match(
      status.text,
      /Used so far: \d+ model repl(?:y|ies) · \d actions? · [\d,]+ tokens · about \$/,
    );

    await workspace.as(chloe).click(call, 'Approve');
    await shows(chloe, 'waiting', /Nothing waits for you/);
    await cardOf(workspace, card.channel, shortId, /^Done/);
    await shows(chloe, 'recent', new RegExp(`Done.*${shortId}`));
  });

  it('lets people approve a plan in its row, and shows its details before anybody has', async () => {
    const { ana, ben, chloe } = workspace.people;
    const { approvals } = workspace.channels;
    const { shortId, card } = await startWaitingRun(workspace, ana, approvals, 'compare three ferns');
    await shows(ben, 'waiting', new RegExp(`Decide by .*0 of 2 approvals so far.*${shortId}`));
    const clickInRow = (label: string) =>
      workspace.as(ben).clickInView(workspace.home(ben)?.id ?? '', label, { blockId: `waiting ${shortId}` });
    await clickInRow('Details');
    const details = await workspace.waitFor(() => workspace.openViews(ben)[0], { what: 'the details' });
    assert.match(JSON.stringify(details.blocks), /Nobody has decided anything yet.*What happened.*asked/);
    await workspace.as(ben).closeView(details.id);
    await clickInRow('Approve');
    await shows(ben, 'recent', new RegExp(`Waiting for <@U03CHLOE> \\(1 of 2\\).*${shortId}`));
    assert.doesNotMatch(partsOf(ben)[1] ?? '', new RegExp(shortId), 'nothing stands there twice');
    await workspace.as(chloe).click(card, 'Approve');
    await cardOf(workspace, approvals, shortId, /^Done/);
  });

  it('has no buttons left, and waits for nobody, once its run was terminated in Temporal', async () => {
    const { ben, chloe } = workspace.people;
    const { shortId, card } = await approved(adds('Brief the support team'));
    const call = await asked(card, ASKS);
    await workspace.as(ben).click(call, 'Approve');
    await shows(chloe, 'waiting', /1 action for you/);
    await stack.onRecord(shortId, ({ kind, data }) => kind === 'voted' && data.item !== 'plan');
    const notice = () => directMessages(workspace, chloe, shortId).at(-1)?.text ?? '';
    await workspace.waitFor(() => /The action “.*” waits for your approval/.test(notice()), {
      what: 'the notice',
    });

    await stack.terminate(shortId);
    await stack.restart();
    const over = await asked(card, /^Not run: /);
    assert.equal(over.ts, call.ts);
    assert.deepEqual(buttonsOf(over), []);
    assert.match(wordsOf(over), /the run ended before anybody decided/);
    await shows(chloe, 'waiting', /Nothing waits for you/);
    await shows(chloe, 'recent', new RegExp(`Ended outside Slack.*${shortId}`));
    await workspace.waitFor(() => /no longer waits for you: the run is over/.test(notice()), {
      what: 'the end of the notice',
    });
  });
});
