import type { Button, KnownBlock } from '@slack/types';
import { type Card, type CardState, isOver } from '../../../run/card.js';
import { mayStartAgain } from '../../../run/requester-notice.js';
import {
  actions,
  button,
  detailsButton,
  noteField,
  overflow,
  retryButton,
  startAgainButton,
} from '../kit/blocks.js';
import { ACTIONS, encodeButton, encodeMenu } from '../kit/ids.js';

/** The note, the three decisions, and a menu with the rest. */
export function decisionButtons(
  { shortId: run, planned }: Card,
  { request, item: { id, digest, policy } }: Extract<CardState, { kind: 'waiting' }>,
): KnownBlock[] {
  const about = { run, request, revision: planned?.revision ?? 0, items: [{ id, digest }] };
  const value = encodeButton(about);
  return [
    noteField('Note', policy),
    actions(
      'decision',
      button(ACTIONS.approve, 'Approve', { style: 'primary', value }),
      button(ACTIONS.reject, 'Reject', { style: 'danger', value }),
      button(ACTIONS.changes, 'Request changes', { value }),
      overflow(ACTIONS.more, [
        ['Edit plan', encodeMenu({ choice: 'edit', about })],
        ['Extend', encodeMenu({ choice: 'extend', about })],
        ['Details', encodeMenu({ choice: 'details', run })],
      ]),
    ),
  ];
}

/** Buttons of a run that has ended. `Details` keeps the end of the run's chain in the ledger. */
export function endButtons({ shortId, state }: Card): Button[] {
  const retry = state.kind === 'failed' ? [retryButton(shortId, state.executionId)] : [];
  const again = mayStartAgain(state) ? [startAgainButton(shortId)] : [];
  return [...retry, ...again, detailsButton(shortId, isOver(state) ? state.head : undefined)];
}

/** Button that stops an execution after a confirmation. */
export function stopButton(shortId: string): Button {
  return button(ACTIONS.stop, 'Stop', {
    style: 'danger',
    value: JSON.stringify({ run: shortId }),
    confirm: {
      title: 'Stop this run?',
      text: "I stop what I'm doing now. What I have done stays done. The thread will say what that is.",
      confirm: 'Stop run',
      deny: 'Keep going',
      style: 'danger',
    },
  });
}
