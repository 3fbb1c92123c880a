import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cannotPostMessage } from '../../../src/slack/messages/private/cannot-post.js';
import { retryReply } from '../../../src/slack/messages/refusals/refused-click.js';
import { buttonsOf } from '../../support/slack/people.js';

describe('where the bot can’t post, the requester reads', () => {
  const say = (code: string, isHere: boolean, executionId?: string) => {
    const failure = { step: 'post', code, message: 'Slack refused it' } as const;
    return cannotPostMessage('abcd2345', { channel: 'C1', failure, executionId, isHere });
  };
  const words: [string, string, boolean, RegExp][] = [
    ['a private channel, asked in it', 'channel_not_found', true, /I can't post in <#C1>\. `\/invite/],
    [
      'APPROVAL_CHANNEL, unseen',
      'channel_not_found',
      false,
      /because I can't see it\. `\/invite.*`APPROVAL_CHANNEL`/,
    ],
    [
      'a public channel',
      'not_in_channel',
      true,
      /I can't post in <#C1>\. `\/invite @countersign` there, then Retry/,
    ],
    ['an archived channel', 'is_archived', true, /it's archived\. Unarchive it/],
    [
      'a restricted channel',
      'restricted_action_read_only_channel',
      true,
      /only certain people may post there/,
    ],
    ['a revoked token', 'token_revoked', true, /Ask an operator to set a new `SLACK_BOT_TOKEN`/],
    [
      'anything else',
      'msg_blocks_too_long',
      true,
      /^Run `abcd2345` failed while posting to Slack\. Slack refused it$/,
    ],
  ];
  for (const [what, code, isHere, text] of words) {
    it(`why, and what to do: ${what}`, () => {
      const message = say(code, isHere, 'e');
      assert.match(message.text, text);
      assert.deepEqual(buttonsOf(message as never), ['Retry']);
    });
  }

  it('the same after a click on Retry that comes too early', () => {
    const reply = retryReply({ kind: 'cannot-post', channel: 'C1', obstacle: 'is_archived' });
    assert.match(reply, /^I can't post in <#C1>: it's archived/);
  });

  it('no button where Temporal knows the run no more', () => {
    assert.deepEqual(buttonsOf(say('is_archived', true) as never), []);
  });
});
