import type { MessageEvent } from '@slack/types';
import { PROMPTS_TITLE, SUGGESTED_PROMPTS } from '../../messages/private/suggested-prompts.js';
import type { Registration } from '../context.js';
import { answerMention } from './mention.js';

/** Kinds of messages that people write. Others tell of edits, deletions, and what programs post. */
const WRITTEN: readonly unknown[] = [undefined, 'file_share', 'thread_broadcast'];

type Written = Extract<MessageEvent, { user: string; ts: string; text?: string }> & { thread_ts?: string };

function isWritten(event: MessageEvent): event is Written {
  return event.channel_type === 'im' && WRITTEN.includes(event.subtype);
}

/** A direct message to the app: a goal, or a word as after `/agent`. It is answered like a mention, in its thread. */
export const directMessage: Registration = (app, context) => {
  app.event('message', async ({ event, body, client, context: bolt }) => {
    if (!isWritten(event)) return;
    const { text = '', ...said } = event;
    await answerMention(context, { event: { ...said, text }, body, client, context: bolt, isDirect: true });
  });
};

/** Suggests goals to a person who opens the direct message. Slack shows them for apps that are declared as agents only. */
export const suggestedPrompts: Registration = (app) => {
  app.event('app_home_opened', async ({ event: { channel, tab }, client, logger }) => {
    if (tab !== 'messages') return;
    const suggestions = { title: PROMPTS_TITLE, prompts: SUGGESTED_PROMPTS };
    try {
      await client.assistant.threads.setSuggestedPrompts({ channel_id: channel, ...suggestions });
    } catch (err) {
      logger.debug('Slack takes no suggested prompts', err);
    }
  });
};
