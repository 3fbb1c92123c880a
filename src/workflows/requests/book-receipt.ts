import type { Decision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import { samePerson } from '../../approval/person.js';
import { isVerdict } from '../../approval/request.js';
import type { PrivateMessage } from '../../run/message.js';
import type { Cards } from '../messages/cards.js';
import { tellPrivately } from '../messages/tell-privately.js';
import type { Run } from '../run.js';
import type { Background } from '../runtime/best-effort.js';
import type { LedgerWriter } from '../runtime/ledger-writer.js';
import type { Receipt } from './judge-decision.js';
import type { OpenItem } from './open-item.js';

/** The parts that a receipt is booked in. */
interface Books {
  readonly run: Run;
  readonly ledger: LedgerWriter;
  readonly background: Background;
  readonly cards: Cards;
}

/** Puts on record, and shows, what a decision about an item came to. A refusal is told by `tellRefused`. */
export function bookReceipt(books: Books, open: OpenItem, decision: Decision, receipt: Receipt): void {
  const { ledger } = books;
  const { ref, item, message, notices } = open;
  for (const lapsed of receipt.lapsed) {
    ledger.record('lapsed', { ...ref, decision: lapsed });
    tellPrivately(
      books.run.input,
      books.background,
      lapsed.by,
      refusedMessage(books, lapsed, { reason: 'no-longer-an-approver' }, open),
    );
  }
  if (receipt.accepted && decision.kind === 'approve') {
    ledger.record('voted', { ...ref, decision, votes: item.votes.length, of: item.policy.approvals });
  }
  if (receipt.accepted && decision.kind === 'extend') {
    ledger.record('extended', { ...ref, decision, expiresAt: item.expiresAt });
  }
  if (!receipt.accepted && receipt.lapsed.length === 0) return;
  if (item.outcome) {
    ledger.record('decided', { ...ref, outcome: item.outcome });
    showOutcome(open);
    return;
  }
  message.refresh();
  if (message.at) notices.update(message.draw(), message.at);
}

/** Shows an outcome in the item's message, and in the direct messages about it. */
export function showOutcome({ message, notices }: OpenItem): void {
  if (!message.showsOutcome) return;
  message.refresh();
  if (message.at) notices.close(message.draw(), message.at);
}

/** Puts a refusal on record and tells the person, but not for a click that counted already. */
export function tellRefused(books: Books, decision: Decision, refusal: Refusal, open?: OpenItem): void {
  if (isRepeated(decision, refusal, open)) return;
  books.ledger.record('refused', { decision, refusal });
  tellPrivately(
    books.run.input,
    books.background,
    decision.by,
    refusedMessage(books, decision, refusal, open),
  );
}

function refusedMessage(
  { run, cards }: Books,
  decision: Decision,
  refusal: Refusal,
  open?: OpenItem,
): PrivateMessage {
  const { requester } = run.input;
  const at = open?.message.at ?? cards.current;
  const item = open?.item ?? run.planItem?.item;
  return {
    ...{ kind: 'refused', decision, refusal, requester },
    ...(item && { item: { ...item } }),
    ...(at && { at }),
  };
}

/** Whether Slack brought the same click twice, or a person chose the same answer again: the first one counted. */
function isRepeated(decision: Decision, refusal: Refusal, open?: OpenItem): boolean {
  const decided = refusal.reason === 'already-decided' ? [refusal.decision] : [];
  const outcome = open?.item.outcome;
  const ended = outcome && isVerdict(outcome) ? [outcome.decision] : [];
  return [...decided, ...ended, ...(open?.item.votes ?? [])].some((counted) =>
    isSameClick(counted, decision),
  );
}

function isSameClick(one: Decision, other: Decision): boolean {
  if (one.kind !== other.kind || one.request !== other.request || !samePerson(one.by, other.by)) return false;
  if (one.kind === 'answer' && one.choice === other.choice) return true;
  return one.slackAt === undefined ? one.at === other.at : one.slackAt === other.slackAt;
}
