import type { Message, Workspace } from '../../../sandbox/workspace/index.js';
import { ASKS, cardOf, startWaitingRun, wordsOf } from './people.js';

/** A run whose plan was approved: its id, and its card. */
export interface CarriedOut {
  shortId: string;
  card: Message;
}

/** Gives a goal, and approves its plan: the requester does, unless `by` says who. */
export async function approvedRun(
  workspace: Workspace,
  user: string,
  channel: string,
  goal: string,
  by: string[] = [user],
): Promise<CarriedOut> {
  const run = await startWaitingRun(workspace, user, channel, goal);
  for (const one of by) await workspace.as(one).click(run.card, 'Approve');
  return run;
}

/** A run that adds something to the to-do list, and whose call is under way since just now. */
export async function callUnderWay(
  workspace: Workspace,
  user: string,
  channel: string,
  title: string,
): Promise<CarriedOut> {
  const run = await approvedRun(workspace, user, channel, `Add "${title}" to our to-do list`);
  const asked = await inThread(workspace, run.card, ASKS, 'add_todo');
  await workspace.as(user).click(asked, 'Approve');
  await inThread(workspace, run.card, /Working/, 'running: title');
  return run;
}

/** The newest message in a card's thread that says so in its text, and holds the words. */
export function inThread(
  workspace: Workspace,
  { channel, ts }: Pick<Message, 'channel' | 'ts'>,
  text: RegExp,
  words = '',
  timeoutMs = 20_000,
): Promise<Message> {
  return workspace.waitFor(
    () =>
      workspace
        .thread(channel, ts)
        .filter(({ onlyFor }) => !onlyFor)
        .findLast((message) => text.test(message.text) && wordsOf(message).includes(words)),
    { what: `a message in the thread that says ${text} and ${words}`, timeoutMs },
  );
}

/** The run's result, once it is posted. */
export async function resultOf(workspace: Workspace, { shortId, card }: CarriedOut): Promise<Message> {
  await cardOf(workspace, card.channel, shortId, /^Done/);
  return await inThread(workspace, card, /(?:)/, `, run \`${shortId}\` is done.`);
}
