import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readRefusal } from '../../src/llm/request/refusals.js';

type Message = Parameters<typeof readRefusal>[0];

it('words of a refusal are one line of bounded length, with all that it says to be seen', () => {
  const explanation = `It could\n\n# harm\u202e. ${'x'.repeat(900_000)}`;
  const stop_details = { type: 'refusal', category: 'cyber', explanation };
  const said = readRefusal({ stop_reason: 'refusal', stop_details } as Message) ?? '';
  assert.match(said, /^refused \(category cyber\): “It could # harm⟨U\+202E⟩\. x+…”$/);
  assert.ok(said.length < 600, `${said.length} characters`);
});
