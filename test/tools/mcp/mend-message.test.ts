import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ExactReadBuffer } from '../../../src/tools/mcp/transport/exact-answers.js';
import { mendMessage } from '../../../src/tools/mcp/transport/mend-message.js';

describe('a message that only nearly is JSON-RPC', () => {
  it('is no success without a result', () => {
    const mended = mendMessage({ jsonrpc: '2.0', id: 4 }) as { error?: { message: string } };
    assert.match(mended.error?.message ?? '', /neither a result nor an error/);
    assert.deepEqual(mendMessage({ jsonrpc: '2.0', id: 4, result: null }), {
      ...{ jsonrpc: '2.0', id: 4 },
      result: {},
    });
  });

  it('is no answer where a line of a log has an id alone', () => {
    assert.deepEqual(mendMessage({ id: 4 }), { id: 4 });
  });

  it('stays a notification with the id null, also while a call is open', () => {
    const given = { jsonrpc: '2.0', id: null, method: 'notifications/tools/list_changed' };
    const notification = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
    assert.deepEqual(mendMessage(given, 7), notification);
    assert.deepEqual(Object.keys(mendMessage(given) as object), ['jsonrpc', 'method']);
  });

  it('is no answer where a line of a log quotes one: the answer itself follows', () => {
    const buffer = new ExactReadBuffer();
    buffer.noteSent({ jsonrpc: '2.0', id: 3, method: 'tools/call' });
    const answer = { jsonrpc: '2.0', id: 3, result: { content: [] } };
    for (const log of [`[DEBUG] sent ${JSON.stringify(answer)}`, `sent ${JSON.stringify(answer)}`]) {
      buffer.append(Buffer.from(`${log}\n`));
      assert.throws(() => buffer.readMessage(), SyntaxError);
    }
    buffer.append(Buffer.from(`${JSON.stringify(answer)}\n`));
    assert.deepEqual(buffer.readMessage(), answer);
    buffer.noteSent({ jsonrpc: '2.0', id: 4, method: 'tools/call' });
    buffer.append(Buffer.from('{"jsonrpc":"2.0","id":4,"result":{"n":NaN}}\n'));
    assert.match(JSON.stringify(buffer.readMessage()), /"id":4,"error".*not in valid JSON/);
  });
});
