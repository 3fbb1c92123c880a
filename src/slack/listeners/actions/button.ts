import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { ACTIONS, parseObject } from '../../messages/kit/ids.js';
import type { Reply } from '../../messages/private/run-replies.js';
import { CLICK_NOT_CONFIRMED, failureText, MODAL_NOT_OPENED } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Slack gives up on a click after 3 s, of which Temporal had two and a look-up for the reply a little. In milliseconds. */
const REPLY_WITHIN_MS = 600;

type ClickArgs = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

export interface Click<T> extends Pick<ClickArgs, 'body' | 'client'> {
  /** The button's value, decoded. */
  value: T;
  by: Person;
  /** Slack's id of the click: each delivery has the same. */
  id: string;
  /** Acknowledges the click before `run` is done. An error after that says that no form was opened. */
  acknowledge(): Promise<void>;
}

export interface ClickReply extends Reply {
  /** Goes in place of the message that holds the button. */
  replacesMessage?: true;
}

export interface Button<T> {
  action: keyof typeof ACTIONS | RegExp;
  /** Undefined for a value that isn't one of ours: its click does nothing. */
  decode(value: string | undefined): T | undefined;
  /** Work that must be durable before the click is acknowledged, within two seconds. Its reply is for the person who clicked. */
  run(click: Click<T>, context: ListenerContext): Promise<ClickReply | string | undefined>;
}

/**
 * Defines a button. Its work is done first, the person is told of the result, and then the click is acknowledged: Slack doesn't deliver
 * an acknowledged click again, so a crash after that would leave the person without a word.
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
      const click = { value, by, id: action.action_ts, body, client, acknowledge };
      const warn = (err: unknown, message: string) => {
        const { run: shortId, schedule } = parseObject(action.value);
        context.log.warn({ action: action.action_id, run: shortId, schedule, err }, message);
      };
      const reply = await run(click, context).catch((err: unknown) => {
        warn(err, 'A click failed');
        return failureText(err, isAcknowledged ? MODAL_NOT_OPENED : CLICK_NOT_CONFIRMED);
      });
      // When Slack is away, too, the buttons stay, which says as much.
      const sent = send(args, reply).catch((err: unknown) => warn(err, 'A click was not replied to'));
      await withTimeout(
        REPLY_WITHIN_MS,
        () => sent,
        () => undefined,
      );
      await acknowledge();
    });
  };
}

async function send({ body, respond }: ClickArgs, reply: ClickReply | string | undefined): Promise<void> {
  // App Home has no `response_url`.
  if (!reply || !body.response_url) return;
  const { text, blocks, replacesMessage }: ClickReply = typeof reply === 'string' ? { text: reply } : reply;
  const message = { text, ...(blocks && { blocks }), response_type: 'ephemeral' } as const;
  await respond({ ...message, replace_original: replacesMessage === true });
}
