import type {
  AllMiddlewareArgs,
  BlockAction,
  ButtonAction,
  OverflowAction,
  SlackActionMiddlewareArgs,
} from '@slack/bolt';
import type { Person } from '../../../approval/person.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { sendDirectMessage, sendPrivately } from '../../client/send-privately.js';
import { withBlocks } from '../../messages/kit/blocks.js';
import { ACTIONS, parseObject } from '../../messages/kit/ids.js';
import type { Reply } from '../../messages/private/run-replies.js';
import { CLICK_NOT_CONFIRMED, failureText, MODAL_NOT_OPENED } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { ACKNOWLEDGE_WITHIN_MS, answerLater, beDurable } from '../in-time.js';
import { readPerson } from '../person.js';
import { asRunStep } from '../run-step.js';

/** A click on a button, or on an entry of a menu. */
type BlockClick = BlockAction<ButtonAction | OverflowAction>;
type ClickArgs = SlackActionMiddlewareArgs<BlockClick> & AllMiddlewareArgs;

export interface Click<T> extends Pick<ClickArgs, 'body' | 'client'> {
  /** Decoded value of the button, or of the menu's entry. */
  value: T;
  by: Person;
  /** Place of the button: the `ts` of its message, or `home`. Empty for any other place. */
  clickedOn: string;
  /** Slack's id of the click; redeliveries share it. */
  id: string;
}

export interface ClickReply extends Reply {
  /** Replaces the message that holds the button. */
  replacesMessage?: true;
}

/** Line in the log about a click that changed nothing, and whose person can't be told in time. Chaos looks for it. */
export const NOT_ACKNOWLEDGED = 'A click is not acknowledged, so that Slack shows that it failed';

type Answer = ClickReply | string | undefined;

/**
 * Result of a click. A function: all that had to be durable is done, so the click is acknowledged, and the function goes on and answers. A reply: the
 * click changed nothing, and its person is told before the acknowledgement. Nothing: the click counts.
 */
export type ClickResult = Answer | (() => Promise<Answer> | Answer);

export interface Button<T> {
  action: keyof typeof ACTIONS | RegExp;
  /** Decodes the button's value. Undefined for a foreign value, whose click is ignored. */
  decode(value: string | undefined): T | undefined;
  /** Does what must be durable before the acknowledgement, within two seconds. */
  run(click: Click<T>, context: ListenerContext): Promise<ClickResult>;
}

/**
 * Defines a button. Slack never delivers a click again. So a click that changed nothing is acknowledged only once its person was told: without an
 * acknowledgement Slack shows them that it failed. A click that counts is acknowledged whatever becomes of the answer.
 */
export function button<T>({ action, decode, run }: Button<T>): Registration {
  const action_id = typeof action === 'string' ? ACTIONS[action] : action;
  return (app, context) => {
    app.action<BlockClick>({ type: 'block_actions', action_id }, async (args) => {
      const latest = performance.now() + ACKNOWLEDGE_WITHIN_MS;
      const { action, body, client } = args;
      const clicked = 'selected_option' in action ? action.selected_option.value : action.value;
      const value = decode(clicked);
      if (value === undefined) return await args.ack();
      const by = readPerson(body, context.home.team);
      const click = { value, by, clickedOn: placeOf(body), id: action.action_ts, body, client };
      const failed = (text: string) => (err: unknown) => {
        const { run: shortId, schedule } = parseObject(clicked);
        context.log.warn({ action: action.action_id, run: shortId, schedule, err }, text);
      };
      const answered = async (answer: Answer): Promise<boolean> => {
        const sent = send(args, by, answer).then(() => true);
        return (await sent.catch(failed('The answer to a click failed'))) ?? false;
      };
      const orFailure = (otherwise: string) => (err: unknown) => {
        failed('A click failed')(err);
        return failureText(err, otherwise);
      };
      const about = action.action_id === ACTIONS.stop ? { run: clicked } : parseObject(clicked);
      const take = () => beDurable(() => run(click, context));
      const result = await asRunStep(`click ${action.action_id}`, about, take).catch(
        orFailure(CLICK_NOT_CONFIRMED),
      );
      if (typeof result === 'function') {
        await args.ack();
        await answered(await answerLater(async () => result()).catch(orFailure(MODAL_NOT_OPENED)));
        return;
      }
      const left = latest - performance.now();
      const isTold = await withTimeout(
        left,
        () => answered(result),
        () => false,
      );
      if (isTold) return await args.ack();
      const { run: shortId } = about;
      context.log.warn({ action: action.action_id, click: click.id, run: shortId }, NOT_ACKNOWLEDGED);
    });
  };
}

/**
 * Reads the place of a button. A private message has no place, nor has the preview of a link in somebody's message (`message_attachment`). Source:
 * Slack's "block_actions payload".
 */
function placeOf({ container, view }: BlockClick): string {
  if (container?.type === 'message' && container.is_ephemeral !== true) return String(container.message_ts);
  return view?.type === 'home' ? 'home' : '';
}

/** Answers privately. In a thread a `response_url` would answer in its channel, and App Home has none. */
async function send({ body, client, respond }: ClickArgs, by: Person, answer: Answer): Promise<void> {
  if (!answer) return;
  const { text, blocks, replacesMessage }: ClickReply =
    typeof answer === 'string' ? { text: answer } : answer;
  const reply = withBlocks({ text, ...(blocks && { blocks }) });
  const { channel_id: channel, message_ts, thread_ts: thread } = body.container ?? {};
  if (!body.response_url) return await sendDirectMessage(client, by, reply);
  const isReply = thread !== undefined && thread !== message_ts;
  const post = () => sendPrivately(client, by, reply, { channel, ...(isReply && { thread }) });
  if (isReply && !replacesMessage) return await post();
  await respond({
    ...reply,
    response_type: 'ephemeral',
    replace_original: replacesMessage === true,
  }).catch(post);
}
