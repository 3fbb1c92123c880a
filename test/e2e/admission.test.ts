import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '../../sandbox/workspace/index.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { approveToTheEnd, cardOf, shortIdIn, startRun, WAITING, wordsOf } from '../support/slack/people.js';

/** Two of three in #approvals, who asks not among them. */
const FOUR_EYES = '{ approvers: [S01APPROVERS], approvals: 2, requesterMayApprove: false }';
const LIMITS = 'limits: { perPerson: { atOnce: 1 } }';

/** The whole product under a policy file, for the tests of a suite. */
function stackUnder(policy: string, use: (stack: Stack) => void, env: Record<string, string> = {}): void {
  const folder = mkdtempSync(join(tmpdir(), 'admission-'));
  let stack: Stack;
  before(async () => {
    writeFileSync(join(folder, 'policy.yml'), policy);
    stack = await startStack({ env: { POLICY_FILE: join(folder, 'policy.yml'), ...env } });
    use(stack);
  });
  after(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });
}

/** Does something as a person; resolves with what they alone are told. */
async function toldAfter({ workspace }: Stack, user: string, act: () => Promise<unknown>): Promise<Message> {
  const before = workspace.privateWords(user).length;
  await act();
  return await workspace.waitFor(() => workspace.privateWords(user)[before], { what: 'the private answer' });
}

const command = (stack: Stack, user: string, channel: string, text: string) =>
  toldAfter(stack, user, () => stack.workspace.as(user).command(channel, '/agent', text));

/** Number of the runs that Temporal knows. */
async function countRuns(stack: Stack): Promise<number> {
  const { client, close } = await stack.connect();
  let runs = 0;
  for await (const _ of client.workflow.list()) runs += 1;
  await close();
  return runs;
}

async function directChannel({ workspace }: Stack, user: string): Promise<string> {
  const answer = await fetch(`${workspace.apiUrl}conversations.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.credentials.botToken}` },
    body: new URLSearchParams({ users: user }),
  });
  return ((await answer.json()) as { channel: { id: string } }).channel.id;
}

describe('a policy file that names channels and has no default', () => {
  let stack: Stack;
  stackUnder(`channels:\n  C02APPROVALS: ${FOUR_EYES}\n  C99GONE: {}\n`, (started) => {
    stack = started;
  });

  it('takes no goal in the asker’s own direct message, and says in which of their channels it does', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    for (const channel of [await directChannel(stack, ana), workspace.channels.general]) {
      const told = await command(stack, ana, channel, 'delete the repository');
      assert.match(
        told.text,
        /I started nothing: I only work in certain channels\. Ask me in <#C02APPROVALS>\.$/,
      );
    }
    assert.equal(await countRuns(stack), 0);
    const shortId = await startRun(workspace, ana, workspace.channels.approvals, 'tidy the repository');
    await cardOf(workspace, workspace.channels.approvals, shortId, WAITING);
  });

  it('takes no mention and no schedule there either', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const mention = () => workspace.as(ana).send(general, `<@${workspace.botUser}> delete the repository`);
    assert.match((await toldAfter(stack, ana, mention)).text, /Ask me in <#C02APPROVALS>/);
    const draft = await command(stack, ana, general, 'schedule "every day at 9" delete the repository');
    assert.match(draft.text, /Ask me in <#C02APPROVALS>/);
  });
});

describe('with an approval channel, a policy file that names that channel', () => {
  let stack: Stack;
  const use = (started: Stack) => {
    stack = started;
  };
  stackUnder(`channels:\n  C02APPROVALS: ${FOUR_EYES}\n`, use, { APPROVAL_CHANNEL: '#approvals' });

  it('takes goals everywhere: the cards and their policy are those of the approval channel', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const shortId = await startRun(workspace, ana, await directChannel(stack, ana), 'tidy up');
    const card = await cardOf(workspace, workspace.channels.approvals, shortId, WAITING);
    await workspace.as(ana).click(card, 'Approve');
    const refused = () => workspace.privateWords(ana).find(({ text }) => /somebody else/.test(text));
    await workspace.waitFor(refused, { what: 'the refusal' });
  });
});

describe('who may ask', () => {
  let stack: Stack;
  stackUnder('default: {}\n', (started) => {
    stack = started;
  });
  const NOT_AMONG = /I started nothing: you can't start runs here/;

  it('is no stranger who mentions the app in a shared channel', async () => {
    const { workspace } = stack;
    const { dev } = workspace.people;
    workspace.changeAccount(dev, { team_id: 'T02OTHER' });
    const { general } = workspace.channels;
    const mention = () => workspace.as(dev).send(general, `<@${workspace.botUser}> add "Buy" to our list`);
    assert.match((await toldAfter(stack, dev, mention)).text, NOT_AMONG);
    assert.match((await command(stack, dev, general, 'add "Buy"')).text, NOT_AMONG);
    assert.match((await command(stack, dev, general, 'schedule "every day at 9" add')).text, NOT_AMONG);
    assert.equal(await countRuns(stack), 0);
  });

  it('waits before the search while Slack can’t say, is told so, and goes on by itself', async () => {
    const { workspace } = stack;
    const { chloe } = workspace.people;
    const { general } = workspace.channels;
    workspace.faults.inject({ method: 'users.info', kind: 'error-500', times: 1_000 });
    const told = await command(stack, chloe, general, 'compare two editors');
    assert.match(told.text, /^:double_vertical_bar: Run `\w+` is on hold: Slack can't tell me right now/);
    const shortId = shortIdIn(told.text);
    await delay(1_000);
    assert.ok(!workspace.messages(general).some(({ text }) => WAITING.test(text)));
    workspace.faults.clear();
    await cardOf(workspace, general, shortId, WAITING);
  });

  it('is looked up again at the approval: a requester whose account was deactivated releases nothing', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const shortId = await startRun(workspace, ana, general, 'compare two editors');
    const card = await cardOf(workspace, general, shortId, WAITING);
    await delay(1_000);
    workspace.changeAccount(ana, { deleted: true });
    await workspace.as(ana).click(card, 'Approve');
    await stack.onRecord(
      shortId,
      ({ kind, data }) => kind === 'refused' && JSON.stringify(data).includes('unknown-person'),
    );
    workspace.changeAccount(ana);
    await delay(1_000);
    await approveToTheEnd(workspace, ana, general, { shortId, card });
  });

  it('is looked up at each start of a schedule: a guest by then is told, and nothing is searched', async () => {
    const { workspace } = stack;
    const { ben } = workspace.people;
    const { general } = workspace.channels;
    const draft = await command(stack, ben, general, 'schedule "every day at 9" draft the notes');
    await workspace.as(ben).click(draft, 'Save');
    const saved = () =>
      workspace.ephemerals(ben).find(({ ts, text }) => ts === draft.ts && /Saved/.test(text));
    const id = shortIdIn(wordsOf(await workspace.waitFor(saved, { what: 'the answer to Save' })));
    workspace.changeAccount(ben, { is_restricted: true });
    const list = await command(stack, ben, general, 'schedules');
    const block = list.blocks?.find((found) => JSON.stringify(found.elements ?? '').includes(id));
    await workspace.as(ben).click(list, 'Run now', { blockId: String(block?.block_id) });
    const refused = () => workspace.privateWords(ben).find(({ text }) => NOT_AMONG.test(text));
    await workspace.waitFor(refused, { what: 'the refusal', timeoutMs: 20_000 });
    const shown = workspace.messages(general).filter(({ onlyFor }) => !onlyFor);
    assert.ok(!shown.some(({ blocks }) => JSON.stringify(blocks ?? '').includes(id)), 'no card');
  });
});

describe('limits on starts', () => {
  let stack: Stack;
  stackUnder(`default: {}\n${LIMITS}\n`, (started) => {
    stack = started;
  });

  it('let one person start no more than they say, and make room when a run is over', async () => {
    const { workspace } = stack;
    const { ana, ben } = workspace.people;
    const { general } = workspace.channels;
    const first = await startRun(workspace, ana, general, 'compare two editors');
    await cardOf(workspace, general, first, WAITING);
    const told = await command(stack, ana, general, 'compare two more');
    assert.match(told.text, new RegExp(`you have 1 open run.*Yours: \`${first}\``));
    await startRun(workspace, ben, general, 'compare two others');
    await command(stack, ana, general, `cancel ${first}`);
    await stack.ended(first);
    await stack.onRecord(first, ({ kind }) => kind === 'ended');
    await cardOf(workspace, general, await startRun(workspace, ana, general, 'compare again'), WAITING);
  });
});
