import type { Message } from '../../../sandbox/workspace/index.js';
import { buttonsOf } from '../../../test/support/slack/people.js';
import type { Say, Traces } from './index.js';
import { askedItems, entriesOf } from './requests.js';

/** Buttons that a finished run may keep. */
const HARMLESS = new Set(['Details', 'Retry', 'Start again', 'Open the card']);

/** Status lines of a card whose run works, or waits for people. A title is no such line, whatever it says. */
const AT_WORK = /\*Working\*|\*Paused:\*|\*[^*]* to (approve|answer)\* ·/;

export function keyOf(message: Message): string | undefined {
  const { metadata } = message as { metadata?: { event_payload: { key?: unknown } } };
  const key = metadata?.event_payload.key;
  return typeof key === 'string' ? key : undefined;
}

/** Each revision has one card, even if another one was deleted; each question and tool call one message, and the run one result. */
export function postedOnce({ messages, living }: Traces, say: Say): void {
  const times = new Map<string, number>();
  // Somebody may delete a card before its post is done. Then its parts are posted again under the next one.
  const isBuried = (message: Message) =>
    isPartOfCard(message) && message.threadTs !== undefined && !living.has(message.threadTs);
  for (const message of messages.filter((each) => !isBuried(each))) {
    const key = cardOf(message) ?? keyOf(message) ?? '';
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  for (const [key, count] of times) if (count > 1) say(`posted ${count} times: ${key}`);
}

/** Key of a card's revision, which a card that was posted again shares; undefined for any other message. */
function cardOf(message: Message): string | undefined {
  return /^(.*\/card\/\d+)(\/[CDGUW]\w+\/\d+)?$/.exec(keyOf(message) ?? '')?.[1];
}

/** True for what stands under a card because it had no room on it, or is about its changes. */
function isPartOfCard(message: Message): boolean {
  return cardOf(message) === undefined && /\/card\/\d+\//.test(keyOf(message) ?? '');
}

/** No run is stuck. No finished run has live buttons, or a card that says it is at work. Each completed run has one result in its card's thread. */
export function endedVisibly({ executions, messages, records }: Traces, say: Say): void {
  const last = executions.at(-1);
  if (!last) return;
  if (last.status === 'RUNNING') {
    say(
      `is still running${last.taskFailure === undefined ? '' : `; its workflow failed: ${last.taskFailure}`}`,
    );
    return;
  }
  for (const message of messages) {
    const live = buttonsOf(message).filter((button) => !HARMLESS.has(button));
    if (live.length > 0)
      say(`is over (${last.status}), with live buttons (${live.join(', ')}): ${keyOf(message)}`);
    const [status] = cardOf(message) ? (AT_WORK.exec(JSON.stringify(message.blocks)) ?? []) : [];
    if (status !== undefined) say(`is over (${last.status}), and its card says ${status}: ${keyOf(message)}`);
  }
  const results = messages.filter((message) => /\/result\/1$/.test(keyOf(message) ?? ''));
  if (results.length !== (last.outcome === 'completed' ? 1 : 0))
    say(`ended ${last.outcome}, with ${results.length} results`);
  // Where somebody deleted the card of an approved plan, the result stands in the channel.
  const revision = askedItems(records).findLast(({ subject }) => subject.kind === 'plan')?.revision;
  const card = messages.findLast((message) => cardOf(message)?.endsWith(`/card/${revision}`));
  const thread = card?.threadTs ?? card?.ts;
  if (card && results.some((result) => result.threadTs !== thread)) say('has its result in another thread');
  const cards = executions.flatMap(({ steps }) => steps).filter(({ name }) => name === 'postCard');
  // Somebody may delete the card while its decision is on its way: it is not posted again.
  const isDeleted = records.some(({ kind, data }) => kind === 'repaired' && data.state === 'deleted');
  if (cards.length > 0 && messages.length === 0 && !isDeleted) say('posted a card that nobody sees');
}

/** One message shows the run's progress across all retries, and no finished run still shows work going on. */
export function onlyOneProgress({ executions, messages, records }: Traces, say: Say): void {
  const shown = messages.filter((message) => keyOf(message)?.endsWith('/progress'));
  const asked = askedItems(records).filter(
    ({ subject: { kind } }) => kind === 'tool-call' || kind === 'question',
  );
  const calls = [...asked, ...entriesOf(records, 'tool-called')];
  // A run may be stopped before the call that its progress shows.
  const isBegun = entriesOf(records, 'turned').some(({ data }) => data.calls.length > 0);
  const isRight = calls.length > 0 ? shown.length === 1 : shown.length <= (isBegun ? 1 : 0);
  if (!isRight) say(`has ${shown.length} progress messages, after ${calls.length} calls`);
  if (executions.at(-1)?.status === 'RUNNING') return;
  const waits = messages.filter((message) => keyOf(message)?.includes('/model-wait/'));
  for (const { text } of [...shown, ...waits]) {
    if (/:large_blue_circle: Working|Waiting for people|isn't available right now|Paused:/.test(text))
      say(`is over, and still says: ${text}`);
  }
}
