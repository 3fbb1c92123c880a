import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../sandbox/workspace/index.js';
import { commandLine } from '../support/product/built.js';

const manifest = readFileSync('manifest.yml', 'utf8');

/** Runs `countersign doctor --live` as an operator does. */
async function doctor({ credentials, apiUrl }: Workspace, ...args: string[]) {
  const env = { ...process.env, SLACK_BOT_TOKEN: credentials.botToken, SLACK_API_URL: apiUrl };
  const command = commandLine('doctor', '--live', ...args);
  const run = promisify(execFile)(process.execPath, command, { env });
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      output: stdout + stderr,
    }),
  );
}

describe('countersign doctor --live', () => {
  let workspace: Workspace;
  const open = async (own: WorkspaceOptions = {}) => startWorkspace({ manifest, rateLimits: false, ...own });
  before(async () => {
    workspace = await open();
  });
  after(() => workspace.close());
  afterEach(() => workspace.faults.clear());
  const left = (where = workspace) => where.messages(where.channels.general);

  it('tries what the service relies on in a channel, says what Slack did, and leaves nothing behind', async () => {
    const { code, output } = await doctor(workspace, '#general');
    assert.equal(code, 0, output);
    for (const line of [
      /^ok {4}a message is posted as it was sent: addresses and names stay text: posted, nothing became a link$/m,
      /^ok {4}a message is found by its metadata at once, .*: found at once$/m,
      /^ok {4}a message is updated in its place: updated/m,
      /^note {2}an update with a text of more than 4,000 characters: /m,
      /^note {2}an update that replaces rich text by another kind of block: /m,
      /^ok {4}a plan with task cards is posted and updated: /m,
      /^ok {4}a table stands between other blocks: posted$/m,
      /^ok {4}a reply goes into its thread: in the thread$/m,
      /^ok {4}a file shows in its thread within 20 s: shown \d+ ms after the upload$/m,
      /^ok {4}a reply under a deleted message is told from one in its thread: /m,
      /^ok {4}an update of a deleted message is refused: message_not_found$/m,
      /^ok {4}a message has a link: http/m,
      /^ok {4}a user group is looked up: @approvers has 3 members$/m,
      /^ok {4}clean-up: \d+ messages and files deleted$/m,
    ])
      assert.match(output, line);
    assert.deepEqual(left(), []);
    assert.ok(!workspace.requests.some(({ method }) => method.startsWith('views.')), 'opens nothing');
    const told = workspace.requests.filter(({ args }) => /<[@!]/.test(JSON.stringify(args)));
    assert.deepEqual(told, [], 'mentions nobody');
  });

  it('works with the token of an organization, too', async (t) => {
    const grid = await open({ grid: { isOrgWide: true } });
    t.after(() => grid.close());
    const { code, output } = await doctor(grid, '#general');
    assert.equal(code, 0, output);
    assert.match(output, /@approvers has 3 members/);
  });

  it('exits with 1 where Slack does something else than we rely on, and still deletes what it posted', async (t) => {
    const scopes = manifest.replace(/ *- (?:channels|groups|im|mpim):history.*\n/g, '');
    const narrow = await open({ manifest: scopes });
    t.after(() => narrow.close());
    const { code, output } = await doctor(narrow, 'C01GENERAL');
    assert.equal(code, 1);
    assert.match(
      output,
      /^WRONG a message is found by its metadata.*: .*missing_scope; add the scope channels:history/m,
    );
    assert.match(output, /^WRONG clean-up: unknown messages .*missing_scope/m);
    assert.deepEqual(
      left(narrow).filter(({ files }) => !files),
      [],
    );
  });

  it('goes on after a refused trial, and deletes a message whose answer got lost', async () => {
    workspace.faults.inject({ method: 'chat.postMessage', kind: 'lose-answer' });
    workspace.faults.inject({ method: 'chat.update', kind: 'refuse', error: 'cant_update_message' });
    const { code, output } = await doctor(workspace, 'general');
    assert.equal(code, 1);
    assert.match(output, /^WRONG a message is updated in its place: .*cant_update_message/m);
    assert.match(output, /^ok {4}a reply goes into its thread/m);
    assert.match(output, /^ok {4}clean-up/m);
    assert.deepEqual(left(), []);
  });

  it('says where it can’t post, names what it could not delete, and how it is called', async () => {
    const outside = await doctor(workspace, '#random');
    assert.equal(outside.code, 1);
    assert.match(outside.output, /can't post in #random\. `\/invite @countersign` there/);
    workspace.faults.inject({
      method: 'chat.delete',
      kind: 'refuse',
      error: 'cant_delete_message',
      times: 99,
    });
    const stuck = await doctor(workspace, '#general');
    assert.equal(stuck.code, 1);
    assert.match(
      stuck.output,
      /^WRONG clean-up: message C01GENERAL\/\d+\.\d+ .*could not be deleted\. Delete by hand\.$/m,
    );
    const unknown = await doctor(workspace, '#nowhere');
    assert.match(unknown.output, /there is no channel #nowhere/);
    const usage = await doctor(workspace);
    assert.deepEqual([unknown.code, usage.code], [1, 2]);
    assert.match(usage.output, /--live <channel>. argument missing/);
  });
});
