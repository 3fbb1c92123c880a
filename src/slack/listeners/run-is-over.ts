import type { WebClient } from '@slack/web-api';
import type { Checkpoint, MessageRef } from '../../run/run.js';
import { permalink } from '../client/web.js';
import type { ListenerContext } from './context.js';
import { RUN_IS_OVER } from './refusals.js';

/** A link is a kindness: the click must be acknowledged within Slack's 3 s, and Temporal had two of them. In milliseconds. */
const LINK_WITHIN_MS = 400;

/** Says that a click came when its run was over, and leads to the run's card where that is known in time. */
export async function runIsOver(context: ListenerContext, client: WebClient, runId: string): Promise<string> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), LINK_WITHIN_MS).unref();
  });
  const link = await Promise.race([linkToCard(context, client, runId), late]).catch(() => undefined);
  return link ? `${RUN_IS_OVER} <${link}|See its card.>` : RUN_IS_OVER;
}

async function linkToCard(
  { storyOf }: ListenerContext,
  client: WebClient,
  runId: string,
): Promise<string | undefined> {
  const { entries } = await storyOf(runId);
  const card = cardIn(entries);
  return card && (await permalink(client, card));
}

/** The run's newest card; not one of its copies. */
function cardIn(entries: Checkpoint[]): MessageRef | undefined {
  const posted = entries
    .filter(({ kind }) => kind === 'posted')
    .map(({ data }) => data as { card?: MessageRef; copy?: boolean });
  return posted.findLast(({ card, copy }) => card && !copy)?.card;
}
