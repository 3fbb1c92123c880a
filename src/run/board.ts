import { type Person, samePerson } from '../approval/person.js';
import {
  type ApprovalPolicy,
  editShutsOut,
  escalated,
  type GroupMembers,
  isEverybody,
  mayApprove,
} from '../approval/policy.js';
import type { OpenItem, RunView } from './run-view.js';

/** Runs that concern one person, each in one part. */
export interface Board {
  /** With only the open items that wait for this person; the soonest expiry first. */
  waiting: RunView[];
  /** Last changed first, as `recent`. */
  started: RunView[];
  recent: RunView[];
}

/** Limits for the runs in each part of a board. */
export const BOARD_LENGTH: Record<keyof Board, number> = { waiting: 10, started: 7, recent: 5 };

/**
 * Sorts runs for a person: those that wait for their decision, others that they started, and others in which they have a say. A plan that
 * anyone may approve waits for no single person, so it appears only in its channel.
 */
export function boardFor(person: Person, runs: RunView[], groups: GroupMembers): Board {
  const newest = runs.toSorted((one, other) => (one.changedAt < other.changedAt ? 1 : -1));
  const isMine = ({ requester }: RunView) => samePerson(requester, person);
  const isNamed = (policy: ApprovalPolicy, requester: Person) => {
    const approvers = policy.approvers.filter((approver) => !isEverybody(approver));
    return mayApprove({ ...policy, approvers }, requester, person, { groups });
  };
  const hasVoted = ({ votes }: Pick<OpenItem, 'votes'>) => votes.some((vote) => samePerson(vote.by, person));
  const waitsFor = (run: RunView) => (item: OpenItem) =>
    isNamed(item.policy, run.requester) &&
    !hasVoted(item) &&
    !editShutsOut(item.policy, item.editors, person);
  const hasSay = (run: RunView) => isNamed(run.policy, run.requester) || hasVoted(run);
  const isWaiting = (run: RunView) => run.open.some(waitsFor(run));
  const waiting = newest
    .filter(isWaiting)
    .map((run) => ({ ...run, open: run.open.filter(waitsFor(run)) }))
    .toSorted((one, other) => (soonestExpiry(one) < soonestExpiry(other) ? -1 : 1));
  const others = newest.filter((run) => !isWaiting(run));
  const recent = others.filter((run) => !isMine(run) && hasSay(run));
  return {
    waiting: waiting.slice(0, BOARD_LENGTH.waiting),
    started: others.filter(isMine).slice(0, BOARD_LENGTH.started),
    recent: recent.slice(0, BOARD_LENGTH.recent),
  };
}

/** Earliest expiry of the open items, ISO 8601. */
export function soonestExpiry({ open }: Pick<RunView, 'open'>): string {
  return open.map(({ expiresAt }) => expiresAt).toSorted()[0] ?? '';
}

/** Ids by which policies name a person: the person's own ids, and their groups' ids. */
export function namesOf({ user, team, enterprise }: Person, groups: GroupMembers): string[] {
  const inGroups = Object.keys(groups).filter((group) => groups[group]?.includes(user));
  return [user, `${team}/${user}`, ...(enterprise ? [`${enterprise}/${user}`] : []), ...inGroups];
}

/** Ids of the people and groups who can decide an open item of a run, as policies name them. */
export function decidersOf({ open, requester }: RunView): string[] {
  return namedIn(
    open.map(({ policy }) => policy),
    requester,
  );
}

/** Ids of those who have a say in a run, including its escalation, and of those who voted. */
export function saysIn({ policy, open, votes, requester }: RunView): string[] {
  const named = namedIn([policy, ...open.map((item) => item.policy)].map(escalated), requester);
  return [...new Set([...named, ...votes.map(({ by }) => by.user)])];
}

function namedIn(policies: ApprovalPolicy[], requester: Person): string[] {
  const names = policies.flatMap(({ approvers }) =>
    approvers.map((approver) => (approver === 'requester' ? requester.user : approver)),
  );
  return [...new Set(names)].filter((name) => !isEverybody(name));
}
