import type { BlockButtonAction, ButtonAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../with-timeout.js';
import { ACTIONS, parseObject } from '../../messages/kit/ids.js';
import { CLICK_NOT_CONFIRMED, MODAL_NOT_OPENED } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration, Reply } from '../context.js';
import { personIn } from '../person.js';

/** Slack gives up on a click after 3 s, of which Temporal had two. In milliseconds. */
const REFUSE_WITHIN_MS = 700;

export interface Click<T> {
  /** The button's value, decoded. */
  value: T;
  by: Person;
  /** Slack's id of the click: each delivery has the same. */
  id: string;
  action: ButtonAction;
  body: BlockButtonAction;
  client: WebClient;
  /** Acknowledges the click now, before `run` is done. An error after that says that no form was opened. */
  acknowledge(): Promise<void>;
}

export interface ClickReply extends Reply {
  /** The click did not count. */
  isRefusal?: true;
  /** Goes in place of the message that holds the button. */
  replacesMessage?: true;
}

interface ButtonDefinition<T> {
  action: keyof typeof ACTIONS | RegExp;
  /** Undefined for a value that isn't one of ours: its click does nothing. */
  decode(value: string | undefined): T | undefined;
  /** Work that is durable before the click is acknowledged, within two seconds; its reply is for the person who clicked. */
  run(click: Click<T>, context: ListenerContext): Promise<ClickReply | string | undefined>;
}

/**
 * Defines a button. A click is acknowledged once its work is done, and then replied to. A refusal, or an error, is told first: a crash
 * after the acknowledgement would leave the person without a word, and Slack doesn't deliver an acknowledged click again.
 */
export function button<T>({ action: name, decode, run }: ButtonDefinition<T>): Registration {
  const constraints = {
    type: 'block_actions',
    action_id: typeof name === 'string' ? ACTIONS[name] : name,
  } as const;
  return (app, context) => {
    app.action<BlockButtonAction>(constraints, async ({ ack, action, body, client, respond }) => {
      let isAcknowledged = false;
      const acknowledge = async () => {
        if (!isAcknowledged) await ack();
        isAcknowledged = true;
      };
      const reply = async ({ text, blocks, replacesMessage }: ClickReply) => {
        // App Home has no `response_url`.
        if (!body.response_url) return;
        const message = { text, ...(blocks && { blocks }), response_type: 'ephemeral' } as const;
        await respond({ ...message, replace_original: replacesMessage === true });
      };
      const value = decode(action.value);
      if (value === undefined) return await acknowledge();
      const click = { value, by: personIn(body, context.home.team), id: action.action_ts };
      let result: ClickReply | string | undefined;
      try {
        result = await run({ ...click, action, body, client, acknowledge }, context);
      } catch (err) {
        const { run: runId, schedule } = parseObject(action.value);
        context.log.warn(
          { action: action.action_id, run: runId, schedule, err },
          'A click could not be carried out',
        );
        result = refusal(isAcknowledged ? MODAL_NOT_OPENED : CLICK_NOT_CONFIRMED);
      }
      const answer = typeof result === 'string' ? { text: result } : result;
      if (!answer?.isRefusal) {
        await acknowledge();
        if (answer) await reply(answer);
        return;
      }
      // When Slack is away, too, the buttons stay, which says as much.
      await withTimeout(
        REFUSE_WITHIN_MS,
        () => reply(answer),
        () => undefined,
      ).catch(() => undefined);
      await acknowledge();
    });
  };
}

export function refusal(text: string): ClickReply {
  return { text, isRefusal: true };
}
