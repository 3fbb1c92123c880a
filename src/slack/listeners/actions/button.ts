import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { withBlocks } from '../../messages/kit/blocks.js';
import { ACTIONS, parseObject } from '../../messages/kit/ids.js';
import type { Reply } from '../../messages/private/run-replies.js';
import { CLICK_NOT_CONFIRMED, failureText, MODAL_NOT_OPENED } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Longest wait for the reply, in milliseconds. Slack allows 3 s; Temporal may take 2 s, and a look-up some more. */
const REPLY_WITHIN_MS = 450;

type ClickArgs = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

export interface Click<T> extends Pick<ClickArgs, 'body' | 'client'> {
  /** Decoded value of the button. */
  value: T;
  by: Person;
  /** Place of the button: the `ts` of its message, or `home`. Empty for any other place. */
  clickedOn: string;
  /** Slack's id of the click; redeliveries share it. */
  id: string;
  /** Acknowledges the click before `run` is done. A later error is reported as a modal that didn't open. */
  acknowledge(): Promise<void>;
}

export interface ClickReply extends Reply {
  /** Replaces the message that holds the button. */
  replacesMessage?: true;
}

export interface Button<T> {
  action: keyof typeof ACTIONS | RegExp;
  /** Decodes the button's value. Undefined for a foreign value, whose click is ignored. */
  decode(value: string | undefined): T | undefined;
  /** Does the work, which must be durable within two seconds. The reply goes to the person who clicked. */
  run(click: Click<T>, context: ListenerContext): Promise<ClickReply | string | undefined>;
}

/**
 * Defines a button. A click is acknowledged last, after the work and the reply. Slack doesn't redeliver an acknowledged click, so a crash
 * after an early acknowledgement would leave the person without an answer. A click that did nothing is acknowledged only once its person was told:
 * without an acknowledgement Slack shows them that it failed.
 */
export function button<T>({ action, decode, run }: Button<T>): Registration {
  const action_id = typeof action === 'string' ? ACTIONS[action] : action;
  return (app, context) => {
    app.action<BlockButtonAction>({ type: 'block_actions', action_id }, async (args) => {
      const { action, body, client } = args;
      const value = decode(action.value);
      if (value === undefined) return await args.ack();
      let isAcknowledged = false;
      const acknowledge = async () => {
        if (!isAcknowledged) await args.ack();
        isAcknowledged = true;
      };
      const by = readPerson(body, context.home.team);
      const clickedOn = placeOf(body);
      const click = { value, by, clickedOn, id: action.action_ts, body, client, acknowledge };
      const warn = (err: unknown, message: string) => {
        const { run: shortId, schedule } = parseObject(action.value);
        context.log.warn({ action: action.action_id, run: shortId, schedule, err }, message);
      };
      const reply = await run(click, context).catch((err: unknown) => {
        warn(err, 'A click failed');
        return failureText(err, isAcknowledged ? MODAL_NOT_OPENED : CLICK_NOT_CONFIRMED);
      });
      const sent = send(args, reply).then(
        () => true,
        (err: unknown) => {
          warn(err, 'The reply to a click failed');
          return false;
        },
      );
      const isTold = await withTimeout(
        REPLY_WITHIN_MS,
        () => sent,
        () => false,
      );
      if (isTold) await acknowledge();
    });
  };
}

/**
 * Reads the place of a button. A private message has no place, nor has the preview of a link in somebody's message (`message_attachment`). Source:
 * Slack's "block_actions payload".
 */
function placeOf({ container, view }: BlockButtonAction): string {
  if (container?.type === 'message' && container.is_ephemeral !== true) return String(container.message_ts);
  return view?.type === 'home' ? 'home' : '';
}

async function send({ body, respond }: ClickArgs, reply: ClickReply | string | undefined): Promise<void> {
  // App Home has no `response_url`.
  if (!reply || !body.response_url) return;
  const { text, blocks, replacesMessage }: ClickReply = typeof reply === 'string' ? { text: reply } : reply;
  const message = withBlocks({ text, ...(blocks && { blocks }) });
  await respond({ ...message, response_type: 'ephemeral', replace_original: replacesMessage === true });
}
