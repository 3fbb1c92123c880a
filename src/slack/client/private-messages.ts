import type { WebClient } from '@slack/web-api';
import type { Messenger } from '../../activities/ports.js';
import type { PrivateMessage } from '../../run/message.js';
import { line } from '../messages/kit/blocks.js';
import type { MessagePayload } from '../messages/kit/payload.js';
import { cannotPostMessage } from '../messages/private/cannot-post.js';
import { cannotCancelText, refusedDecisionText } from '../messages/refusals/refused-decision.js';
import { sendPrivately } from './send-privately.js';
import { permalink } from './web.js';

/** Sends a run's private messages. */
export function createPrivateMessages(client: WebClient): Pick<Messenger, 'sendPrivately'> {
  return {
    async sendPrivately({ to, runId, origin, message }) {
      if (message.kind === 'cannot-post') {
        await sendPrivately(client, to, cannotPostMessage(runId, message), { origin });
        return;
      }
      // The refusal of a decision goes where its message is seen.
      const place = (message.kind === 'refused' && message.at) || origin;
      await sendPrivately(client, to, await refusalMessage(client, message), place);
    },
  };
}

async function refusalMessage(
  client: WebClient,
  message: Exclude<PrivateMessage, { kind: 'cannot-post' }>,
): Promise<MessagePayload> {
  let text: string;
  if (message.kind === 'cannot-cancel') text = cannotCancelText(message.requester);
  else {
    const link = message.at && (await permalink(client, message.at));
    text = refusedDecisionText({ ...message, link });
  }
  return { text, blocks: [line(text)] };
}
