import type { Message } from '../../sandbox/workspace/index.js';
import type { Decision, DecisionKind } from '../../src/approval/decision.js';
import { type ButtonValue, decodeButton, decodeRun } from '../../src/slack/messages/kit/ids.js';

/** A decision whose click was acknowledged, without a private warning that it may have had no effect. */
export type AcknowledgedDecision = { run: string /** Milliseconds since the epoch. */; at: number } & Pick<
  Decision,
  'request' | 'items'
> &
  (
    | { kind: Exclude<DecisionKind, 'answer'> }
    /** `note`: the person's own words; empty beside a choice. */
    | { kind: 'answer'; choice?: string; note: string }
  );

/** An acknowledged click. Temporal and the ledger must have it. */
export type Acknowledged = AcknowledgedDecision | { run: string; at: number; kind: 'stop' };

/** Parts of a decision by which decisions are compared. */
export type Decided = Pick<Decision, 'kind' | 'request' | 'items' | 'choice' | 'note'>;

/** Compares a decision with the acknowledged one: the same items, the same digests, the same effect. */
export function isSameDecision(click: AcknowledgedDecision, { kind, request, ...own }: Decided): boolean {
  if (kind !== click.kind || request !== click.request) return false;
  const isAboutAll = click.items.every(({ id, digest }) =>
    own.items.some((item) => item.id === id && item.digest === digest),
  );
  if (click.kind !== 'answer' || !isAboutAll) return isAboutAll;
  return own.choice === click.choice && (click.choice !== undefined || own.note === click.note);
}

export interface ShownButton {
  label: string;
  action: string;
  value: string | undefined;
  /** Id of its block: several blocks of a message may have a button of this label. */
  block: string | undefined;
}

export function shownButtons(message: Message): ShownButton[] {
  return (message.blocks ?? [])
    .filter((block) => block.type === 'actions')
    .flatMap(({ block_id: block, elements }) =>
      (elements as { text?: { text: string }; action_id: string; value?: string }[]).map(
        ({ text, action_id: action, value }) => ({ label: text?.text ?? '', action, value, block }),
      ),
    );
}

/** Reads the run, the request and the items from a button's value. Undefined for a button that decides nothing. */
export function readButton(
  value: string | undefined,
): Pick<ButtonValue, 'run' | 'request' | 'items' | 'choice'> | undefined {
  const button = decodeButton(value);
  if (!button) return undefined;
  const { revision: _, ...about } = button;
  return about;
}

/** Reads the run from a message's buttons. */
export function runOf(message: Message): string | undefined {
  return decodeRun(shownButtons(message)[0]?.value);
}
