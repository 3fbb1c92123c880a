import assert from 'node:assert/strict';
import { it } from 'node:test';
import { replaceRefused } from '../../src/llm/content/refused-parts.js';
import { resultBlock, textBlock } from '../../src/run/execution/conversation.js';

it('an answer that the API refused still says whether its call was made', () => {
  const refused = new Set(['answer a', 'answer b']);
  const left = (id: string, isError: boolean) =>
    JSON.stringify(replaceRefused(resultBlock(id, [textBlock('odd')], isError), refused));
  assert.match(left('a', false), /The call was made\. Its answer was left out/);
  assert.match(left('b', true), /The call failed, or was refused\..*"is_error":true/);
  assert.match(left('c', false), /odd/);
});
