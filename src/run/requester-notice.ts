import type { Decision } from '../approval/decision.js';
import { type Person, samePerson } from '../approval/person.js';
import type { Card, CardState } from './card.js';
import type { MessageRef } from './message.js';
import type { RunView } from './run-view.js';

/** The line that tells a run's requester of its end. Slack notifies nobody of an edit, such as that of the card. */
export interface RequesterNotice {
  /** Unique, so that a second attempt finds the line of the first one. */
  key: string;
  /** Message whose thread takes it. */
  thread: MessageRef;
}

/** The decision behind a new revision, as its requester hears of it. */
export type RevisionNews = Pick<Decision, 'kind' | 'by'>;

/** True for an end that a run's requester must hear of. They know of their own click, whose effect shows at once. */
export function isNewsTo(requester: Person, state: CardState): boolean {
  switch (state.kind) {
    case 'rejected':
      return !samePerson(state.decision.by, requester);
    case 'cancelled':
      return !state.by || !samePerson(state.by, requester);
    case 'expired':
    case 'failed':
    case 'gone':
      return true;
    default:
      return false;
  }
}

/** The news of a new revision. An edit of the requester's own shows at once; a revision that they asked for takes minutes. */
export function newsOfRevision(requester: Person, decision: Decision | undefined): RevisionNews | undefined {
  if (decision?.kind !== 'changes' && decision?.kind !== 'edit') return undefined;
  const { kind, by } = decision;
  return kind === 'edit' && samePerson(by, requester) ? undefined : { kind, by };
}

/** True for an ended run whose goal can be started again: nothing was done for it, and no step can be retried. */
export function mayStartAgain(state: CardState): boolean {
  if (state.kind === 'rejected' || state.kind === 'expired') return true;
  if (state.kind === 'gone') return !state.votes?.length;
  // Nobody stopped the run: it ended because it could not go on.
  return state.kind === 'cancelled' && state.why !== undefined && !state.by && state.votes.length === 0;
}

/** True for a run in the ledger whose goal can be started again. `why`: reason for which a cancelled run could not go on. */
export function mayStartRunAgain({ end, endedBy, approved }: RunView, why: string | undefined): boolean {
  if (end === 'rejected' || end === 'expired') return true;
  if (end === 'gone') return !approved;
  return end === 'cancelled' && why !== undefined && !endedBy && !approved;
}

/** Title of a run for people: that of its plan, or its goal. */
export function titleOf({ planned, goal }: Pick<Card, 'planned' | 'goal'>): string {
  return planned?.plan.title.trim() || goal;
}
