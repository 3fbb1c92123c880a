import { isVerdict, type Outcome } from '../../../approval/request.js';
import type { CardState } from '../../../run/card.js';
import type { DecisionMessage } from '../../../run/message.js';
import { peopleText } from '../kit/people.js';
import { clip, escapeMrkdwn, mention } from '../kit/text.js';
import { isQuestion } from '../request/waiting.js';

/** Icon and predicate of each outcome. `people`: those who decided. */
const OUTCOMES: Record<Outcome['kind'], [icon: string, predicate: (people: string) => string]> = {
  approve: [':white_check_mark:', (people) => `was approved by ${people}.`],
  reject: [':no_entry:', (people) => `was rejected by ${people}.`],
  changes: [':pencil2:', (people) => `was sent back for changes by ${people}: a new revision follows.`],
  edit: [':pencil2:', (people) => `was edited by ${people}: a new revision follows.`],
  answer: [':speech_balloon:', (people) => `was answered by ${people}.`],
  expired: [':hourglass:', () => 'expired: it was not decided in time.'],
  withdrawn: [':octagonal_sign:', () => 'no longer waits for you: the run is over.'],
};

/** Outcome of a message's item, to those who had been asked to decide. `name` is the item's, in mrkdwn. */
export function outcomeText(message: DecisionMessage, name: string): string {
  if (!('kind' in message)) return cardOutcomeText(message.state, name);
  const { outcome } = message.item;
  if (outcome?.kind === 'expired' && isQuestion(message.item)) {
    return `:hourglass: ${name} expired: nobody answered in time.`;
  }
  if (!outcome || !isVerdict(outcome)) return sentence(outcome?.kind ?? 'withdrawn', name);
  const { kind, votes, decision } = outcome;
  return sentence(kind, name, peopleText(kind === 'approve' ? votes : [decision]));
}

function cardOutcomeText(state: CardState, name: string): string {
  switch (state.kind) {
    case 'executing':
    case 'completed':
      return sentence('approve', name, peopleText(state.votes));
    case 'rejected':
      return sentence('reject', name, peopleText([state.decision]));
    case 'changed':
      return sentence(
        state.decision.kind === 'edit' ? 'edit' : 'changes',
        name,
        peopleText([state.decision]),
      );
    case 'expired':
      return sentence('expired', name);
    case 'cancelled': {
      const person = state.by ? ` by ${mention(state.by.user)}` : '';
      return state.why === undefined
        ? `:octagonal_sign: ${name} was cancelled${person}.`
        : `:octagonal_sign: ${name} was stopped: ${escapeMrkdwn(clip(state.why, 300))}.`;
    }
    default:
      return sentence('withdrawn', name);
  }
}

function sentence(kind: Outcome['kind'], name: string, people = ''): string {
  const [icon, predicate] = OUTCOMES[kind];
  return `${icon} ${name} ${predicate(people)}`;
}
