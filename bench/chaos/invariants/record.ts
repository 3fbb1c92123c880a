import type { Decision } from '../../../src/approval/decision.js';
import type { LedgerEntry } from '../../../src/ledger/index.js';
import type { Answer } from '../../../src/run/thread.js';
import type { Acknowledged } from '../acknowledged.js';
import type { Execution } from '../histories.js';
import type { Say, Traces } from './index.js';

/** Every click and answer that was acknowledged is in a history, and on record. */
export function clicksKept({ executions, records }: Traces, acknowledged: Acknowledged[], say: Say): void {
  for (const click of acknowledged) {
    const what = click.kind === 'answer' ? `answer (${click.text})` : `click (${click.kind})`;
    if (!executions.some((execution) => holds(execution, click))) say(`lost an acknowledged ${what}`);
    if (!records.some((entry) => tells(entry, click))) say(`has no record of an acknowledged ${what}`);
  }
}

function holds({ clicks, answers, stops }: Execution, click: Acknowledged): boolean {
  switch (click.kind) {
    case 'stop':
      return stops > 0;
    case 'answer':
      return answers.some(({ question, option }) => question === click.question && option === click.option);
    default:
      return clicks.some(({ kind, request }) => kind === click.kind && request === click.request);
  }
}

/** Whether an entry tells of a click: what became of it, or that it was refused. */
function tells({ kind, data }: LedgerEntry, click: Acknowledged): boolean {
  const {
    request,
    decision,
    votes = [],
    question,
    answer,
    expired,
  } = data as Partial<{
    request: string;
    decision: Decision;
    /** In some, how many there are. */
    votes: Decision[] | number;
    question: string;
    answer: Answer;
    expired: boolean;
  }>;
  switch (click.kind) {
    // A run that ended by itself meanwhile says nothing of it.
    case 'stop':
      return kind === 'ended';
    case 'answer':
      return (
        (question === click.question || answer?.question === click.question) &&
        (expired === true || answer?.option === click.option)
      );
    // An approval of all calls of a tool decides about others that wait, too.
    default:
      return [decision, ...(Array.isArray(votes) ? votes : [])].some(
        (each) => each?.kind === click.kind && (each.request === click.request || request === click.request),
      );
  }
}
