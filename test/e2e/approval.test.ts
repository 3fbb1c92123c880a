import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { WebClient } from '@slack/web-api';
import type { Message } from '../../sandbox/workspace/index.js';
import { GROUPS } from '../../sandbox/workspace/seed.js';
import { groupsIn } from '../../src/approval/policy.js';
import { readPolicy } from '../../src/config/policy-file.js';
import { openLedger } from '../../src/ledger/index.js';
import { ACTIONS } from '../../src/slack/messages/kit/ids.js';
import { voted } from '../support/ledger/request-events.js';
import { type Stack, startStack } from '../support/product/stack.js';
import {
  approveToTheEnd,
  buttonsOf,
  cardOf,
  DECISION,
  directMessages,
  extend,
  keptHead,
  openForm,
  startRun,
  startWaitingRun,
  toldPrivately,
  WAITING,
  wordsOf,
} from '../support/slack/people.js';

const POLICY = `
default: {}
channels:
  C02APPROVALS: { approvers: [S01APPROVERS], approvals: 2, requesterMayApprove: false }
  C03INCIDENTS: { approvers: [U04DEV, S99GONE], remindAfter: 3 seconds, escalate: { after: 6 seconds, to: [U03CHLOE] } }
`;

describe('approval, for the right people and of exactly that plan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'approval-'));
  const policyFile = join(folder, 'policy.yml');
  let stack: Stack;
  before(async () => {
    writeFileSync(policyFile, POLICY);
    stack = await startStack({ env: { POLICY_FILE: policyFile } });
  });
  after(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true });
  });

  /** A run that waits, with its card as it is now: later changes don't show in it. */
  async function startRemembered(...args: Parameters<typeof startWaitingRun>) {
    const { shortId, card } = await startWaitingRun(...args);
    return { shortId, card: structuredClone(card) };
  }

  /** A person's direct messages from the app about a run. */
  const directly = (person: string, shortId: string): Message[] =>
    directMessages(stack.workspace, person, shortId);
  const told = (user: string, text: RegExp) => toldPrivately(stack.workspace, user, text);

  it('asks two of a group, shows the votes as they come, and never counts who asked', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben, chloe, dev } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ben, approvals, 'rotate the keys');
    assert.deepEqual(buttonsOf(card), DECISION);
    assert.match(
      wordsOf(card),
      /Waiting for\* <!subteam\^S01APPROVERS> \(0 of 2\).*Asked by <@U02BEN>, who can't approve it/,
    );
    assert.match(wordsOf(card), /Decide by <!date\^/);

    await workspace.as(ben).click(card, 'Approve');
    await told(
      ben,
      /you asked for this, so somebody else must approve it.*Who can: <!subteam\^S01APPROVERS>/,
    );
    await workspace.as(ana).click(card, 'Approve');
    await told(ana, /you can't approve this/);
    await workspace.as(chloe).click(card, 'Approve', { redeliver: 2 });
    await workspace.waitFor(
      () =>
        /\(1 of 2 approvals: <@U03CHLOE>\)/.test(
          wordsOf(workspace.messages(approvals).find(({ ts }) => ts === card.ts)),
        ),
      { what: 'the first vote on the card' },
    );
    await workspace.as(chloe).click(card, 'Approve');
    await workspace.as(dev).click(card, 'Approve');
    const done = await cardOf(workspace, approvals, shortId, /^Done/);
    assert.match(wordsOf(done), /Approved by <@U03CHLOE>, <@U04DEV>/);
    assert.match(keptHead(done)?.hash ?? '', /^[0-9a-f]{64}$/);
  });

  it('opens for an approver after hundreds of clicks of somebody else, whose first few are answered', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben, chloe, dev } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ben, approvals, 'rotate the keys once more');
    const before = workspace.ephemerals(ana).length;
    let clicks = 0;
    const lane = async () => {
      for (; clicks < 400; clicks += 1) await workspace.as(ana).click(card, 'Approve');
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    const clickedAt = Date.now();
    await workspace.as(chloe).click(card, 'Approve');
    await approveToTheEnd(workspace, dev, approvals, { shortId, card });
    assert.ok(Date.now() - clickedAt < 10_000, `after ${Date.now() - clickedAt} ms`);
    assert.ok(workspace.ephemerals(ana).length - before <= 10);
  });

  it('is given on the card alone: the same button under another message releases nothing', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'order lunch for everybody');
    const value =
      /"value":"((?:[^"\\]|\\.)*request(?:[^"\\]|\\.)*)"/.exec(JSON.stringify(card.blocks))?.[1] ?? '';
    const { botToken } = workspace.credentials;
    const lunch = await new WebClient(botToken, { slackApiUrl: workspace.apiUrl }).chat.postMessage({
      channel: general,
      text: 'Lunch?',
      blocks: [
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: ACTIONS.approve,
              text: { type: 'plain_text', text: 'Yes' },
              value: JSON.parse(`"${value}"`),
            },
          ],
        },
      ],
    });
    await workspace.as(ana).click({ channel: general, ts: lunch.ts ?? '' }, 'Yes');
    await told(ana, /that message doesn't ask for this/);
    await approveToTheEnd(workspace, ana, general, { shortId, card });
  });

  it('tells the approvers directly, and says there how it was decided', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben, chloe } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, approvals, 'close the old office');
    const notice = await workspace.waitFor(() => directly(chloe, shortId)[0], { what: 'the direct message' });
    assert.match(notice.text, /waits for your approval/);
    assert.deepEqual(buttonsOf(notice), ['Open the card']);
    assert.equal(directly(ana, shortId).length, 0, 'who asked knows');
    const modal = await openForm(workspace, ben, card, 'Reject');
    await workspace.as(ben).submit(modal.id, { answer: 'not this year' });
    await workspace.waitFor(() => /<@U02BEN> rejected /.test(directly(chloe, shortId)[0]?.text ?? ''), {
      what: 'the decision in it',
    });
    assert.deepEqual(buttonsOf(directly(chloe, shortId)[0] as Message), []);
  });

  it('tells who asked, once, that somebody rejected their plan, and starts it again for them', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, approvals, 'paint the office');
    const before = workspace.notified(ana).length;
    const modal = await openForm(workspace, ben, card, 'Reject');
    await workspace.as(ben).submit(modal.id, { answer: 'in spring' });
    const rejected = await cardOf(workspace, approvals, shortId, /^Rejected/);
    await stack.ended(shortId);
    const [line, ...more] = workspace.notified(ana).slice(before);
    assert.equal(more.length, 0);
    assert.equal(line?.threadTs, card.ts);
    assert.match(
      line?.text ?? '',
      /^:no_entry: <@U01ANA>: ben rejected your plan `.*`: `in spring` <http.*\|Open the card>$/,
    );
    await workspace.as(ana).click(rejected, 'Start again');
    await told(ana, /> paint the office/);
  });

  it('takes an edit as a revision of its own: compared in the thread, approved by others, and carried out as it stands', async () => {
    const { workspace, model } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben, chloe, dev } = workspace.people;
    const { shortId, card } = await startRemembered(workspace, ana, approvals, 'move the blog');
    // Earlier, the form opens, and the run refuses what is filled in.
    await stack.onRecord(shortId, ({ kind }) => kind === 'posted');
    await workspace.as(ana).click(card, 'Edit plan');
    await told(ana, /you asked for this, so somebody else must edit it/);
    assert.deepEqual(workspace.openViews(ana), [], 'nobody fills in a form in vain');

    const form = await openForm(workspace, ben, card, 'Edit plan');
    const fields = form.blocks.filter((block) => block.type === 'input');
    assert.ok(fields.length > 2, 'a field a step, and one for more');
    const same = await workspace.as(ben).submit(form.id, {});
    assert.ok(!same.ok && /it changes nothing/.test(same.errors?.more_steps ?? ''), JSON.stringify(same));
    const done = await workspace.as(ben).submit(form.id, {
      step_0: 'Ask the readers\nBy e-mail, for a week.',
      more_steps: 'Tell everybody\nIn the newsletter.\n\nCelebrate',
    });
    assert.deepEqual(done, { ok: true });
    assert.equal((await cardOf(workspace, approvals, shortId, /^Edited/)).ts, card.ts);
    const edited = await cardOf(workspace, approvals, shortId, WAITING);
    assert.notEqual(edited.ts, card.ts);
    assert.match(wordsOf(edited), /revision 2.*edited by <@U02BEN>/);
    assert.match(
      wordsOf(edited),
      /Ask the readers.*By e-mail.*Tell everybody.*In the newsletter\..*Celebrate/,
    );
    const diff = await workspace.waitFor(() => workspace.thread(approvals, edited.ts)[0], {
      what: 'the comparison',
    });
    assert.match(wordsOf(diff), /What changed\* from revision 1 to revision 2/);
    assert.match(
      diff.text,
      /^:pencil2: <@U01ANA>: ben edited your plan\. Revision 2 of `.*` waits for approval\. </,
    );
    assert.match(
      JSON.stringify(diff.blocks),
      /"text":"Ask the readers[^"]*","style":\{"bold":true\}|"style":\{"bold":true\}/,
    );

    await workspace.as(ben).click(edited, 'Approve');
    await told(ben, /you edited this or asked for its changes, so somebody else must approve it/);
    await workspace.as(chloe).click(card, 'Approve', { stale: card });
    await told(chloe, /it was on revision 1\. The plan is now revision 2.*Open the card/);
    await workspace.as(chloe).click(edited, 'Approve');
    await approveToTheEnd(workspace, dev, approvals, { shortId, card: edited });
    const prompt = JSON.stringify(model.requests.at(-1)?.body);
    assert.match(prompt, /Ask the readers/);
    assert.match(prompt, /Celebrate/);
  });

  it('reminds in the thread, lets others decide after a while, and can be extended', async () => {
    const { workspace } = stack;
    const { incidents } = workspace.channels;
    const { ana, chloe, dev } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, incidents, 'restart the queue');
    await workspace.as(chloe).click(card, 'Approve');
    await told(chloe, /you can't approve this|Slack can't tell/);
    const said = (text: RegExp) =>
      workspace.waitFor(
        () => workspace.thread(incidents, card.ts).find((message) => text.test(message.text)),
        {
          what: String(text),
          timeoutMs: 20_000,
        },
      );
    await said(/:bell: <@U04DEV>, <!subteam\^S99GONE>: this plan still waits for your approval/);
    await said(/:mega: .*<@U03CHLOE> may approve this plan, too/);
    await workspace.waitFor(() => directly(chloe, shortId).length === 1, {
      what: 'the notice of the escalation',
    });
    await extend(workspace, dev, card, '1 more day');
    await workspace.waitFor(
      () =>
        stack.workspace.requests.some(
          ({ method, args }) => method === 'chat.update' && String(args.ts) === card.ts,
        ),
      { what: 'the new expiry' },
    );
    await approveToTheEnd(workspace, chloe, incidents, { shortId, card });
  });

  it('tells the whole story to who may see it', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, dev } = workspace.people;
    const { shortId, card } = await startRemembered(workspace, ana, general, 'write the story');
    await workspace.as(ana).click(card, 'Approve', {
      values: { note: { note_text: { type: 'plain_text_input', value: 'a fine story' } } },
    });
    const done = await cardOf(workspace, general, shortId, /^Done/);
    const ledger = await openLedger(stack.databaseUrl);
    const kinds = async () => (await ledger.read(shortId)).map(({ kind }) => kind);
    // The run has to be over, not only its card done: then nobody but the listener can put a late click on record.
    await stack.ended(shortId);
    await workspace.as(dev).click(card, 'Reject', { stale: card });
    await told(dev, /This run is over/);
    assert.deepEqual(workspace.openViews(dev), [], 'nobody fills in a form in vain');
    while ((await kinds()).at(-1) !== 'refused') await delay(50);
    await ledger.close();
    await workspace.as(dev).click(done, 'Details');
    const view = await workspace.waitFor(() => workspace.openViews(dev)[0], { what: 'the story' });
    const story = JSON.stringify(view.blocks);
    for (const part of [
      /<@U01ANA> asked/,
      /The web was searched/,
      /Revision 1 waits for 1 approval of the person who asked, until/,
      /<@U01ANA> approved \(1 of 1\)/,
      /a fine story/,
      /The plan was carried out/,
      /It ended: done/,
      /<@U04DEV> couldn't reject this: the run was over/,
      /The last hash is `[0-9a-f]{64}`/,
    ]) {
      assert.match(story, part);
    }
  });

  it('keeps the policy that held when the run began', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben, chloe } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, approvals, 'hold the line');
    writeFileSync(policyFile, 'default: { approvers: [anyone] }\n');
    await stack.restart();
    writeFileSync(policyFile, POLICY);
    await workspace.as(ana).click(card, 'Approve');
    await told(ana, /you asked for this, so somebody else must approve it/);
    await workspace.as(ben).click(card, 'Approve');
    await approveToTheEnd(workspace, chloe, approvals, { shortId, card });
  });

  it('asks by the policy file of now in the next revision', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'close the loophole');
    writeFileSync(policyFile, `default: { approvers: [${ben}], requesterMayApprove: false }\n`);
    await stack.restart();
    writeFileSync(policyFile, POLICY);
    const form = await openForm(workspace, ana, card, 'Request changes');
    await workspace.as(ana).submit(form.id, { answer: 'shorter' });
    const next = await workspace.waitFor(
      () =>
        workspace
          .messages(general)
          .find((message) => wordsOf(message).includes(shortId) && /revision 2/.test(wordsOf(message))),
      { what: 'the next revision' },
    );
    await workspace.as(ana).click(next, 'Approve');
    await told(ana, /you asked for this, so somebody else must approve it.*Who can: <@U02BEN>/);
    await workspace.as(ben).click(next, 'Approve');
    await workspace.waitFor(
      () => /^Done/.test(workspace.messages(general).find(({ ts }) => ts === next.ts)?.text ?? ''),
      { what: 'the end' },
    );
    await stack.restart();
  });

  it('shows in Temporal who asked, where, how it stands and who approved', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const shortId = await startRun(workspace, ana, general, 'filter by me');
    await workspace.as(ana).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    const query = `CountersignState = 'completed' AND CountersignRequester = '${ana}' AND CountersignChannel = '${general}' AND CountersignApprover = '${ana}'`;
    const { client, close } = await stack.connect();
    try {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const found: string[] = [];
        for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
        if (found.includes(`agent-${shortId}`)) break;
        assert.ok(Date.now() < deadline, `Temporal finds ${JSON.stringify(found)}`);
        await delay(100);
      }
    } finally {
      await close();
    }
  });

  const cli = (args: string[], own: NodeJS.ProcessEnv = {}) => stack.command(['ledger', ...args], own);

  it('finds a vote that was chained to a finished run, and takes what the card shows', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, dev } = workspace.people;
    const { shortId, card } = await startRemembered(workspace, ana, general, 'keep to the end');
    const { shortId: waits } = await startWaitingRun(workspace, ana, general, 'still at it');
    await workspace.as(ana).click(card, 'Approve');
    const done = await cardOf(workspace, general, shortId, /^Done/);
    await stack.ended(shortId);
    await workspace.as(dev).click(card, 'Approve', { stale: card });
    const ledger = await openLedger(stack.databaseUrl);
    while ((await ledger.read(shortId)).at(-1)?.kind !== 'refused') await delay(50);

    const { sequence: entry, hash: whole = '' } = keptHead(done) ?? {};
    const hash = whole.slice(0, 32);
    const details = await openForm(workspace, ana, done, 'Details');
    const words = JSON.stringify(details.blocks);
    assert.ok(
      words.includes(`ledger verify ${shortId} --head ${entry}:${hash}`),
      'Details says how to check it',
    );
    const holds = cli(['verify']);
    assert.equal(holds.status, 0, holds.stdout + holds.stderr);
    assert.match(holds.stdout, new RegExp(`^Run ${shortId}: after its end came 1 refused\\.$`, 'm'));
    assert.doesNotMatch(holds.stdout, new RegExp(waits));
    assert.equal(cli(['verify', shortId, '--head', `${entry}:${hash}`]).status, 0);
    assert.equal(cli(['verify', shortId, '--head', `1:${hash}`]).status, 1);
    const short = cli(['verify', shortId, '--head', 'f']);
    assert.equal(short.status, 2);
    assert.match(short.stderr, /^--head: give the entry and its hash.*\n$/);

    const forged = (id: string) => ({ ...voted(), shortId: id, key: 'forged', at: new Date().toISOString() });
    await ledger.append([forged(shortId), forged(waits)]);
    await ledger.close();
    const flagged = cli(['verify']);
    assert.equal(flagged.status, 1);
    assert.match(
      flagged.stdout,
      new RegExp(`^Run ${shortId}: entry \\d+ \\(voted, .*does not belong there`, 'm'),
    );
    assert.match(cli(['verify', shortId, '--head', `${entry}:${hash}`]).stdout, /does not belong there/);
    assert.equal(cli(['verify', waits]).status, 0, 'of a run that goes on nobody can say');
    // The next tests are about runs that nobody has tampered with.
    const database = createClient({ url: stack.databaseUrl });
    await database.execute('DROP TRIGGER entries_no_delete');
    await database.execute("DELETE FROM entries WHERE key = 'forged'");
    database.close();
  });

  it('makes no ledger where there is none, and says so', () => {
    const file = join(folder, 'nowhere', 'ledger.db');
    for (const args of [['verify', '--offline'], ['export'], ['show', 'abcd2345']]) {
      const { status, stdout, stderr } = cli(args, { DATABASE_URL: `file:${file}` });
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, /^DATABASE_URL: the ledger can't be opened at .*there is no such file in .*\n$/);
    }
    assert.ok(!existsSync(join(folder, 'nowhere')));
  });

  it('verifies the ledger on the command line, and exits with 1 when it was tampered with', async () => {
    const holds = cli(['verify']);
    assert.equal(holds.status, 0, holds.stdout + holds.stderr);
    assert.match(holds.stdout, /every chain holds; [1-9]\d* compared with/);
    assert.match(
      cli(['export', '--format', 'csv']).stdout,
      /^run,sequence,at,kind,who,key,data,previous,hash\n/,
    );

    const ledger = createClient({ url: stack.databaseUrl });
    await ledger.execute('DROP TRIGGER IF EXISTS entries_no_delete');
    const { rows } = await ledger.execute("SELECT run_id FROM entries WHERE kind = 'ended' LIMIT 1");
    const shortId = String(rows[0]?.run_id);
    await ledger.execute({
      sql: "DELETE FROM entries WHERE run_id = ? AND kind = 'ended'",
      args: [shortId],
    });
    ledger.close();
    assert.equal(cli(['verify', '--offline']).status, 0, 'by themselves the chains hold');
    const cut = cli(['verify']);
    assert.equal(cut.status, 1);
    assert.match(cut.stdout, new RegExp(`Run ${shortId}: the tail is cut`));
    assert.equal(cli(['verify', shortId, '--head', `1:${'f'.repeat(32)}`]).status, 1);
    assert.equal(cli(['frobnicate']).status, 2);
  });

  it('has a policy in the sandbox whose groups are there', () => {
    const book = readPolicy('sandbox/policy.yml');
    assert.deepEqual(
      groupsIn(book),
      GROUPS.map(({ id }) => id),
    );
  });
});
