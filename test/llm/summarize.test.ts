import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summaryMessage } from '../../src/llm/turn/summarize.js';
import { type Exchange, resultBlock, textBlock } from '../../src/run/execution/conversation.js';
import { plan } from '../support/samples.js';

const approval = { by: 'U1', note: '' };
const request = (exchanges: Exchange[]) => ({
  ...{ goal: 'Tidy up', plan, approval, exchanges, serverTools: [] },
  tools: [],
});
const call = (id: string, name: string): Exchange => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name, input: { id } }],
});

describe('the summary of a long conversation', () => {
  it('keeps each change through a second summary, also of a tool whose name has a dash', () => {
    const first = summaryMessage(
      'One was made, one was refused.',
      request([
        call('a', 'git-hub__delete-repo'),
        { role: 'user', content: [resultBlock('a', [textBlock('done')], false)] },
        call('b', 'git-hub__delete-repo'),
        { role: 'user', content: [resultBlock('b', [textBlock('People rejected this call')], true)] },
      ]),
    );
    const second = summaryMessage('Both.', request([{ role: 'user', content: [textBlock(first)] }]));
    for (const message of [first, second]) {
      assert.match(message, /^- git-hub__delete-repo \{"id":"a"\}: done$/m);
      assert.match(message, /^- git-hub__delete-repo \{"id":"b"\}: refused or failed$/m);
    }
  });
});
