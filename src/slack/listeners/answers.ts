/** What people are told when Temporal didn't answer in time. */
export const CLICK_NOT_CONFIRMED =
  ':warning: Your click could not be confirmed: Temporal did not answer. The buttons stay; clicking again is safe.';
export const ANSWER_NOT_CONFIRMED =
  'This could not be confirmed: Temporal did not answer. Your text is kept; submitting again is safe.';
export const COMMAND_NOT_CONFIRMED =
  ':warning: This could not be confirmed: Temporal did not answer. Check `/agent list` in a moment, then try again.';
export const RUN_IS_OVER = 'This run is over, so your click changed nothing.';
export const MODAL_NOT_OPENED = ':warning: Slack did not open the form. Nothing was decided; click again.';
