import { log } from '@temporalio/workflow';
import { type Decision, parseDecision, parseIsKnown } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import { samePerson } from '../../approval/person.js';
import { isReported, oftenIn } from '../../approval/refusals.js';
import { isVerdict } from '../../approval/request.js';
import { type RunContext, tellPrivately } from '../run.js';
import { judgeDecision, type Receipt } from './judge-decision.js';
import type { OpenItem } from './open-item.js';
import { isSameContent, MOST_IN_LINE } from './requests.js';

/** A refusal of a decision about one item; a decision may name an item that isn't known. */
interface Refused {
  refusal: Refusal;
  open: OpenItem | undefined;
  /** Number of the same decisions that came while it was in line. */
  repeats: number;
}

/**
 * Handles a signal. It must not throw: a handler that throws wedges the run. Thousands may come at once, so one that changes nothing makes no promise:
 * Temporal gives all of them together a few seconds.
 */
export function receiveDecision(context: RunContext, payload: unknown): void {
  const { requests, ledger, background } = context;
  const decision = parseDecision(payload);
  if (!decision) {
    const times = requests.countRefusals(undefined, undefined, 'malformed');
    if (!isReported(times)) return;
    ledger.record('refused', { reason: 'malformed', ...oftenIn(times) });
    log.warn('A signal was not a decision and was left aside');
    return;
  }
  if (requests.hold(decision)) return;
  const refused: Refused[] = [];
  const judged: Promise<Refused | undefined>[] = [];
  for (const { id } of decision.items) {
    const open = requests.find(decision.request, id);
    if (!open || open.closedWith)
      refused.push({ refusal: requests.refusalOf(decision, open), open, repeats: 0 });
    else if (isInLine(open, decision)) continue;
    else if (countOwn(open, decision) >= MOST_IN_LINE)
      refused.push({ refusal: { reason: 'unsure', groups: [] }, open, repeats: 0 });
    else judged.push(judgeInTurn(context, open, { decision, isKnown: parseIsKnown(payload) }));
  }
  if (judged.length === 0) reportRefused(context, decision, refused);
  else {
    background.track(
      Promise.all(judged).then((more) => {
        const now = more.filter((each) => each !== undefined);
        reportRefused(context, decision, [...refused, ...now]);
      }),
    );
  }
}

/** Ends the holding, and takes the decisions that were held. */
export function answerHeld(context: RunContext): void {
  for (const decision of context.requests.release()) receiveDecision(context, decision);
}

/** Tells a person of each kind of refusal once, but not of a click that counted already. Many refusals of one person are only counted. */
function reportRefused(context: RunContext, decision: Decision, refused: Refused[]): void {
  const reasons = new Set<string>();
  for (const each of refused) {
    const { refusal, open, repeats } = each;
    if (reasons.has(refusal.reason) || isRepeated(decision, each)) continue;
    reasons.add(refusal.reason);
    const what = `${decision.kind}/${refusal.reason}`;
    const times = context.requests.countRefusals(open, decision.by, what, 1 + repeats);
    if (!isReported(times, times - 1 - repeats)) continue;
    context.ledger.record('refused', { decision, refusal, ...oftenIn(times) });
    tellRefused(context, decision, each);
  }
}

/** True if this person has said the same about an item, and that is still in line: one answer stands for both. */
function isInLine({ line }: OpenItem, decision: Decision): boolean {
  const same = line.find(
    (entry) => samePerson(entry.decision.by, decision.by) && isSameContent(entry.decision, decision),
  );
  // Slack's second delivery of a click is no second click.
  if (same && !isSameClick(same.last ?? same.decision, decision)) {
    same.repeats += 1;
    same.last = decision;
  }
  return same !== undefined;
}

/** Number of this person's decisions about an item in line. */
function countOwn({ line }: OpenItem, { by }: Decision): number {
  return line.filter((entry) => samePerson(entry.decision.by, by)).length;
}

/** Judges a decision about an item after those that came before it. Resolves with its refusal. */
async function judgeInTurn(
  context: RunContext,
  open: OpenItem,
  { decision, isKnown }: { decision: Decision; isKnown: boolean | undefined },
): Promise<Refused | undefined> {
  const { line } = open;
  const entry: OpenItem['line'][number] = { decision, repeats: 0 };
  line.push(entry);
  // A copy of the message may be on its way; the first post is waited for anyway.
  if (open.message.at && !isOnItem(open, decision)) await open.message.posting;
  const receiving = open.judging.then(async () => {
    const receipt: Receipt = isOnItem(open, decision)
      ? await judgeDecision(context, open, decision, isKnown)
      : { refusal: open.closedWith ?? { reason: 'other-message' }, lapsed: [] };
    bookReceipt(context, open, decision, receipt);
    line.splice(line.indexOf(entry), 1);
    return receipt;
  });
  open.judging = receiving;
  const { refusal } = await receiving;
  const { last, repeats } = entry;
  if (refusal) return { refusal, open, repeats };
  const second = open.closedWith ?? (decision.kind === 'approve' && { reason: 'already-voted' as const });
  if (last && second) reportRefused(context, last, [{ refusal: second, open, repeats: repeats - 1 }]);
  return undefined;
}

/** True if the click was on the item's own message, or in App Home. */
function isOnItem({ message }: OpenItem, { clickedOn }: Decision): boolean {
  return clickedOn !== undefined && (clickedOn === 'home' || message.isAt(clickedOn));
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
    tellRefused(context, vote, { refusal: { reason: 'no-longer-an-approver' }, open, repeats: 0 });
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
