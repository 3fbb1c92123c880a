import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../with-timeout.js';
import { ACTIONS, parseObject } from '../../messages/kit/ids.js';
import type { Reply } from '../../messages/private/run-replies.js';
import { CLICK_NOT_CONFIRMED, MODAL_NOT_OPENED } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Slack gives up on a click after 3 s, of which Temporal had two. In milliseconds. */
const REFUSE_WITHIN_MS = 700;

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
  /** The click did not count. */
  isRefusal?: true;
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
 * Defines a button. A click is acknowledged once its work is done, and then replied to. A refusal, or an error, is told first: a crash
 * after the acknowledgement would leave the person without a word, and Slack doesn't deliver an acknowledged click again.
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
      const result = await run(click, context).catch((err: unknown) => {
        const { run: runId, schedule } = parseObject(action.value);
        context.log.warn({ action: action.action_id, run: runId, schedule, err }, 'A click failed');
        return refusal(isAcknowledged ? MODAL_NOT_OPENED : CLICK_NOT_CONFIRMED);
      });
      const reply = typeof result === 'string' ? { text: result } : result;
      // When Slack is away, too, the buttons stay, which says as much.
      if (reply?.isRefusal)
        await withTimeout(REFUSE_WITHIN_MS, () => send(args, reply), giveUp).catch(giveUp);
      await acknowledge();
      if (reply && !reply.isRefusal) await send(args, reply);
    });
  };
}

export function refusal(text: string): ClickReply {
  return { text, isRefusal: true };
}

async function send(
  { body, respond }: ClickArgs,
  { text, blocks, replacesMessage }: ClickReply,
): Promise<void> {
  // App Home has no `response_url`.
  if (!body.response_url) return;
  const message = { text, ...(blocks && { blocks }), response_type: 'ephemeral' } as const;
  await respond({ ...message, replace_original: replacesMessage === true });
}

const giveUp = () => undefined;
