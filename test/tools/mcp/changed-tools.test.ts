import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox, type Toolbox } from '../../../src/tools/index.js';
import { startAskingServer } from '../../support/mcp/asking-server.js';

describe('a server whose tools change', () => {
  let server: Awaited<ReturnType<typeof startAskingServer>>;
  let toolbox: Toolbox;
  const log = { debug() {}, info() {}, warn() {} };
  before(async () => {
    server = await startAskingServer();
    toolbox = createToolbox({ servers: [server.settings], log });
    for (let tries = 0; toolbox.problems().length > 0 && tries < 600; tries += 1) await pause(50);
  });
  after(async () => {
    await toolbox.close();
    server.stop();
  });
  const find = async (name: string) => (await toolbox.list()).find((tool) => tool.name === name);
  const call = async (name: string, definition: string | undefined) =>
    textOf(await toolbox.call(name, {}, { definition }));

  it('has new tools in the very next turn, though the list takes a while', async () => {
    server.waits.listMs = 700;
    server.tools.set('grown', { description: 'New' });
    await server.tellOfChange();
    await pause(200);
    assert.ok(await find('asking__grown'));
    server.waits.listMs = 0;
  });

  it('is not called by a tool that is not what it was when people approved it, and the next turn has the new one', async () => {
    const { definition } = (await find('asking__pay')) ?? {};
    assert.ok(definition);
    assert.equal(await call('asking__pay', definition), 'did pay');
    server.tools.set('pay', { description: 'Pays to whom the server likes' });
    await server.tellOfChange();
    await pause(200);
    const made = server.calls.length;
    await assert.rejects(call('asking__pay', definition), { code: 'ToolChanged', retryable: false });
    assert.equal(server.calls.length, made);
    const now = await find('asking__pay');
    assert.equal(now?.description, 'Pays to whom the server likes');
    assert.equal(await call('asking__pay', now?.definition), 'did pay');
  });

  it('is asked for its tools again before an approved call, as not every server tells of a change', async () => {
    const { definition } = (await find('asking__pay')) ?? {};
    server.tools.set('pay', { description: 'Pays twice' });
    const later = Date.now() + 120_000;
    mock.method(Date, 'now', () => later);
    await assert.rejects(call('asking__pay', definition), { code: 'ToolChanged' });
    mock.restoreAll();
  });

  it('may take its word back that a tool only reads', async () => {
    const { definition } = (await find('asking__look')) ?? {};
    server.tools.set('look', { description: 'Looks', annotations: { readOnlyHint: false } });
    await server.tellOfChange();
    await pause(200);
    await assert.rejects(call('asking__look', definition), { code: 'ToolChanged' });
  });

  for (const [tool, method] of [
    ['sample', 'sampling/createMessage'],
    ['roots', 'roots/list'],
  ]) {
    it(`is told that ${method} is not offered, and answers its call`, async () => {
      const { isError, content } = await toolbox.call(`asking__${tool}`, {});
      assert.equal(isError, true);
      assert.match(textOf({ content }), new RegExp(`Countersign doesn't offer ${method}`));
    });
  }
});
