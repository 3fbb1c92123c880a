import type { RespondFn } from '@slack/bolt';

/** What people are told when Temporal didn't answer in time. */
export const CLICK_NOT_CONFIRMED =
  ':warning: Your click could not be confirmed: Temporal did not answer. The buttons stay; clicking again is safe.';
export const ANSWER_NOT_CONFIRMED =
  'This could not be confirmed: Temporal did not answer. Your text is kept; submitting again is safe.';
export const COMMAND_NOT_CONFIRMED =
  ':warning: This could not be confirmed: Temporal did not answer. Check `/agent list` in a moment, then try again.';
export const MENTION_NOT_CONFIRMED =
  ':warning: This could not be confirmed: Temporal or the ledger did not answer. Check `/agent list` in a moment, then mention me again.';
export const NOT_YOUR_THREAD =
  'This thread is about a run that you can’t see, so nothing was started. Mention me outside of it.';
export const RUN_IS_OVER = 'This run is over, so your click changed nothing.';
export const ANSWER_IS_EMPTY = 'Write your answer into the field first, then click `Answer`.';
export const MODAL_NOT_OPENED = ':warning: Slack did not open the form. Nothing was decided; click again.';

export const EDIT_NOT_OPENED =
  ':warning: The plan could not be read for editing. Nothing was changed; click again in a moment.';
export const EDIT_TOO_LONG =
  "This plan is too long for Slack's form. Use `Request changes` and say what should be different.";
export const DETAILS_NOT_FOR_YOU =
  "The details are for who asked, those who may approve, and the members of the card's channel.";

/** Slack gives up after 3 s, of which Temporal had two. */
const TELL_WITHIN_MS = 700;

/**
 * Tells a clicker that their click did not count, before it is acknowledged: a crash between the two would leave them
 * without a word, and Slack doesn't deliver an acknowledged click again.
 */
export async function tellFirst(respond: RespondFn, text: string): Promise<void> {
  // When Slack is away, too, the buttons stay, which says as much.
  await soon(respond({ text, response_type: 'ephemeral', replace_original: false }));
}

/** Waits for a word to get to a person, no longer than there is time; whether it did changes nothing. */
export async function soon(told: Promise<unknown>): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, TELL_WITHIN_MS).unref());
  await Promise.race([told, late]).catch(() => 'who waits for the acknowledgement must not wait for Slack');
}
