import { isReported } from '../../../src/approval/refusals.js';
import { isVerdict } from '../../../src/approval/request.js';
import type { LedgerEntry } from '../../../src/ledger/index.js';
import { type Acknowledged, isSameDecision } from '../acknowledged.js';
import type { Execution } from '../histories.js';
import type { Say, Traces } from './index.js';

/** Each acknowledged click and answer is in a history and in the ledger. */
export function clicksKept({ executions, records }: Traces, acknowledged: Acknowledged[], say: Say): void {
  for (const click of acknowledged) {
    const what = click.kind === 'answer' ? `answer (${click.choice ?? click.note})` : `click (${click.kind})`;
    if (!executions.some((execution) => holds(execution, click))) say(`lost an acknowledged ${what}`);
    if (records.some((entry) => tells(entry, click)) || isCounted(records)) continue;
    say(`has no record of an acknowledged ${what}`);
  }
}

/** True if so many refusals for one reason are on record that the next ones are only counted. */
function isCounted(records: LedgerEntry[]): boolean {
  const times = new Map<string, number>();
  for (const { kind, data } of records) {
    if (kind !== 'refused' || !('decision' in data)) continue;
    const key = `${data.decision.by.user}/${data.refusal.reason}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return [...times.values()].some((count) => !isReported(count + 1));
}

function holds({ decisions, stops }: Execution, click: Acknowledged): boolean {
  if (click.kind === 'stop') return stops > 0;
  return decisions.some((decision) => isSameDecision(click, decision));
}

/** True if an entry shows a click: its effect or its refusal. */
function tells(entry: LedgerEntry, click: Acknowledged): boolean {
  // A run that had already ended records no stop.
  if (click.kind === 'stop') return entry.kind === 'ended';
  switch (entry.kind) {
    case 'voted':
    case 'extended':
      return isSameDecision(click, entry.data.decision);
    case 'refused':
      return 'decision' in entry.data && isSameDecision(click, entry.data.decision);
    case 'decided':
      return isVerdict(entry.data.outcome) && isSameDecision(click, entry.data.outcome.decision);
    default:
      return false;
  }
}
