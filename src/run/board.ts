import type { Decision } from '../approval/judge.js';
import { type Person, samePerson } from '../approval/person.js';
import { type ApprovalPolicy, editShutsOut, type GroupMembers, mayApprove } from '../approval/policy.js';
import { type AskData, asksAfter, type OpenAsk } from './asks.js';
import type { Checkpoint, MessageRef } from './run.js';

/** Where a run stands, by the ledger. */
export interface RunView {
  runId: string;
  goal: string;
  requester: Person;
  channel: string;
  /** The plan's, once there is one. */
  title?: string;
  /** `gone`: Temporal ended it, or knows nothing of it any more. */
  state:
    | 'working'
    | 'waiting'
    | 'executing'
    | 'completed'
    | 'rejected'
    | 'expired'
    | 'cancelled'
    | 'failed'
    | 'gone';
  policy: ApprovalPolicy;
  votes: Decision[];
  editors: Person[];
  /** Tool calls and questions that wait, the oldest first; a run with one is `waiting`. */
  asks: OpenAsk[];
  card?: MessageRef;
  /** While it waits: when it expires, ISO 8601. */
  expiresAt?: string;
  /** When it last changed, ISO 8601. */
  at: string;
}

interface Data extends AskData {
  goal: string;
  requester: Person;
  channel: string;
  title: string;
  editors: Person[];
  copy: boolean;
  state: RunView['state'];
}

/** Where a run stands: its entries in the ledger told one after the other. Undefined without its beginning. */
export function viewOf(entries: Checkpoint[]): RunView | undefined {
  let view: RunView | undefined;
  let approved = false;
  for (const { kind, data, at, runId } of entries) {
    const told = (data ?? {}) as Partial<Data>;
    if (kind === 'started') {
      const { goal = '', requester, channel = '', policy } = told;
      if (!requester || !policy) return undefined;
      // A run that is tried again goes on with its plan and its card.
      const kept = view ? { ...view } : { votes: [], editors: [] };
      const state = approved ? 'executing' : 'working';
      view = { ...kept, runId, goal, requester, channel, policy, asks: [], state, at };
    } else if (view) {
      const open = view.asks.filter(({ expiresAt }) => expiresAt >= at);
      const asks = asksAfter(open, kind, told, view.policy);
      const change = asks
        ? { state: 'executing' as const, asks }
        : { asks: open, ...changeBy(view, kind, told) };
      view = { ...view, ...change, at };
      // A run that is tried again after its approval has no second entry of it.
      if (kind === 'decided') approved = told.decision?.kind === 'approve';
    }
  }
  return view && withAsks(view);
}

/** While a plan is carried out, a run with an open ask waits, and until the first of them expires. */
function withAsks(view: RunView): RunView {
  const [first, ...rest] = view.asks.map(({ expiresAt }) => expiresAt);
  if (view.state !== 'executing' || first === undefined) return { ...view, asks: [] };
  const expiresAt = rest.reduce((earliest, other) => (other < earliest ? other : earliest), first);
  return { ...view, state: 'waiting', expiresAt };
}

function changeBy(view: RunView, kind: Checkpoint['kind'], told: Partial<Data>): Partial<RunView> {
  const { title, policy, expiresAt, editors, card, decision, state } = told;
  switch (kind) {
    case 'requested':
      return {
        state: 'waiting',
        votes: [],
        ...(title !== undefined && { title }),
        ...(policy && { policy }),
        ...(expiresAt && { expiresAt }),
        ...(editors && { editors }),
      };
    case 'posted':
      if (told.copy || told.ask !== undefined || !card) return {};
      return { card, ...(view.state === 'working' && expiresAt && { state: 'waiting', expiresAt }) };
    case 'voted':
      return decision ? { votes: [...view.votes, decision] } : {};
    case 'lapsed':
      return decision ? { votes: view.votes.filter((vote) => !samePerson(vote.by, decision.by)) } : {};
    case 'extended':
      return expiresAt ? { expiresAt } : {};
    case 'escalated':
      return policy ? { policy } : {};
    case 'decided':
      return { state: decision?.kind === 'approve' ? 'executing' : 'working' };
    case 'ended':
      return state ? { state, asks: [] } : {};
    default:
      return {};
  }
}

/** What concerns one person: the newest first. */
export interface Board {
  /** Of their asks, those that wait for this person. */
  waiting: RunView[];
  started: RunView[];
  recent: RunView[];
}

/** So many runs are shown in each part of a board. */
export const BOARD_LENGTH = 10;

/**
 * Sorts the runs for a person: what waits for their approval, what they asked for, and what else they had a say in. What anyone
 * may approve waits for nobody in particular, and is left to its channel.
 */
export function boardFor(person: Person, runs: RunView[], groups: GroupMembers): Board {
  const newest = runs.toSorted((one, other) => (one.at < other.at ? 1 : -1));
  const isMine = ({ requester }: RunView) => samePerson(requester, person);
  const isNamed = (policy: ApprovalPolicy, requester: Person) => {
    const approvers = policy.approvers.filter((approver) => approver !== 'anyone');
    return mayApprove({ ...policy, approvers }, requester, person, groups);
  };
  const isApprover = (run: RunView) => isNamed(run.policy, run.requester);
  const hasVoted = ({ votes }: Pick<RunView, 'votes'>) => votes.some((vote) => samePerson(vote.by, person));
  const isForMe = (run: RunView, { policy, votes }: Pick<RunView, 'policy' | 'votes'>) =>
    isNamed(policy, run.requester) && !hasVoted({ votes }) && !editShutsOut(policy, run.editors, person);
  const asksOfMe = (run: RunView) => run.asks.filter((ask) => isForMe(run, ask));
  const waits = (run: RunView) =>
    run.state === 'waiting' && (run.asks.length > 0 ? asksOfMe(run).length > 0 : isForMe(run, run));
  return {
    waiting: newest
      .filter(waits)
      .slice(0, BOARD_LENGTH)
      .map((run) => ({ ...run, asks: asksOfMe(run) })),
    started: newest.filter(isMine).slice(0, BOARD_LENGTH),
    recent: newest
      .filter((run) => !isMine(run) && !waits(run) && (isApprover(run) || hasVoted(run)))
      .slice(0, BOARD_LENGTH),
  };
}
