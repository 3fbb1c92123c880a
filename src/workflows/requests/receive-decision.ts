import { log } from '@temporalio/workflow';
import { type Decision, parseDecision, parseIsKnown } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import { samePerson } from '../../approval/person.js';
import { isVerdict } from '../../approval/request.js';
import { type RunContext, tellPrivately } from '../run.js';
import { judgeDecision, type Receipt } from './judge-decision.js';
import type { OpenItem } from './open-item.js';

/** A refusal of a decision about one item; a decision may name an item that isn't known. */
interface Refused {
  refusal: Refusal;
  open: OpenItem | undefined;
}

/** Handles a signal. It must not throw: a handler that throws wedges the run. */
export function receiveDecision(context: RunContext, payload: unknown): void {
  const decision = parseDecision(payload);
  if (decision) {
    context.background.track(decide(context, decision, parseIsKnown(payload)));
    return;
  }
  context.ledger.record('refused', { reason: 'malformed' });
  log.warn('A signal was not a decision and was left aside');
}

/** Judges a decision about each of its items. The person is told of each kind of refusal once, but not of a click that counted already. */
async function decide(context: RunContext, decision: Decision, isKnown?: boolean): Promise<void> {
  const refused = await Promise.all(
    decision.items.map(({ id }) => decideItem(context, decision, { id, isKnown })),
  );
  const reasons = new Map<string, Refused>();
  for (const each of refused) {
    if (!each || isRepeated(decision, each) || reasons.has(each.refusal.reason)) continue;
    reasons.set(each.refusal.reason, each);
    context.ledger.record('refused', { decision, refusal: each.refusal });
    tellRefused(context, decision, each);
  }
}

async function decideItem(
  context: RunContext,
  decision: Decision,
  { id, isKnown }: { id: string; isKnown: boolean | undefined },
): Promise<Refused | undefined> {
  const { requests } = context;
  const open = requests.find(decision.request, id);
  if (!open || open.closedWith) return { refusal: requests.refusalOf(decision, open), open };
  const receiving = open.judging.then(async () => {
    const receipt = await judgeDecision(context, open, decision, isKnown);
    bookReceipt(context, open, decision, receipt);
    return receipt;
  });
  open.judging = receiving;
  const { refusal } = await receiving;
  return refusal && { refusal, open };
}

/** Puts the result of a decision on record, and shows it; not its refusal. */
function bookReceipt(
  context: RunContext,
  open: OpenItem,
  decision: Decision,
  { refusal, lapsed }: Receipt,
): void {
  const { ledger } = context;
  const { ref, item, message, notices } = open;
  for (const vote of lapsed) {
    ledger.record('lapsed', { ...ref, decision: vote });
    tellRefused(context, vote, { refusal: { reason: 'no-longer-an-approver' }, open });
  }
  if (refusal && lapsed.length === 0) return;
  if (!refusal && decision.kind === 'approve') {
    ledger.record('voted', { ...ref, decision, votes: item.votes.length, of: item.policy.approvals });
  }
  if (!refusal && decision.kind === 'extend') {
    ledger.record('extended', { ...ref, decision, expiresAt: item.expiresAt });
  }
  if (item.outcome) open.showOutcome(item.outcome);
  else {
    message.refresh();
    notices.update();
  }
}

function tellRefused(context: RunContext, decision: Decision, { refusal, open }: Refused): void {
  const { run, cards } = context;
  const { requester } = run.input;
  const at = open?.message.at ?? cards.current;
  const item = open?.item ?? run.planItem?.item;
  tellPrivately(context, decision.by, {
    ...{ kind: 'refused', decision, refusal, requester },
    ...(item && { item: { ...item } }),
    ...(at && { at }),
  });
}

/** True if Slack brought the same click twice, or a person gave the same answer again: the first one counted. */
function isRepeated(decision: Decision, { refusal, open }: Refused): boolean {
  const { outcome, votes = [] } = open?.item ?? {};
  const counted = [
    ...(refusal.reason === 'already-decided' ? [refusal.decision] : []),
    ...(outcome && isVerdict(outcome) ? [outcome.decision] : []),
    ...votes,
  ];
  return counted.some((known) => isSameClick(known, decision));
}

function isSameClick(one: Decision, other: Decision): boolean {
  if (one.kind !== other.kind || one.request !== other.request || !samePerson(one.by, other.by)) return false;
  if (one.kind === 'answer' && one.choice === other.choice && one.note === other.note) return true;
  return one.slackAt === undefined ? one.at === other.at : one.slackAt === other.slackAt;
}
