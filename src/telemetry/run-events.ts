import type { Checkpoint } from '../run/event.js';
import { type OpenItem, type RunView, reduce } from '../run/run-view.js';
import { count, measure } from './metrics.js';
import { reportRun } from './spans.js';

/** Name of the agent in spans. */
export const AGENT = 'countersign';

/** Finds the configured server of a tool; never a name that a server or a model chose. */
export type FindServer = (tool: string) => string;

/**
 * Counts events of a run that have just been written to the ledger. Each event is written once, whatever is retried or replayed, so it counts once.
 *
 * @param before View of the run before them.
 */
export function countEvents(before: RunView | undefined, events: Checkpoint[], serverOf: FindServer): void {
  let view = before;
  for (const event of events) {
    countEvent(view, event, serverOf);
    view = reduce(view, event);
  }
}

function countEvent(view: RunView | undefined, event: Checkpoint, serverOf: FindServer): void {
  switch (event.kind) {
    case 'started': {
      const { retriedBy, schedule } = event.data;
      const trigger = retriedBy ? 'retry' : schedule ? 'schedule' : 'person';
      count('countersign.runs.started', { trigger });
      break;
    }
    case 'decided': {
      const { request, item, outcome } = event.data;
      const asked = view?.open.find((open) => open.request === request && open.id === item);
      if (asked) measureWait(asked, outcome.kind, event.at);
      break;
    }
    case 'tool-called': {
      const { call, outcome } = event.data;
      count('countersign.tool.calls', { server: serverOf(call.name), outcome });
      break;
    }
    case 'repaired':
      count('countersign.reconciler.repairs');
      break;
    case 'ended':
      count('countersign.runs.ended', { outcome: event.data.state });
      reportEnd(view, event);
  }
}

function measureWait({ askedAt, subject }: OpenItem, outcome: string, at: string): void {
  const seconds = (Date.parse(at) - Date.parse(askedAt)) / 1000;
  if (seconds >= 0) measure('countersign.approval.wait', seconds, { subject, outcome });
}

/** Reports the span of a whole run. A retried run has had one already, under which its second part is shown. */
function reportEnd(view: RunView | undefined, { shortId, at, data }: Checkpoint<'ended'>): void {
  if (!view) return;
  const { startedAt, retriedAt } = view;
  reportRun(shortId, {
    name: `invoke_agent ${AGENT}`,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': AGENT,
      'countersign.outcome': data.state,
    },
    from: retriedAt ?? startedAt,
    to: at,
    isFirst: retriedAt === undefined,
    ...(data.state === 'failed' && { failure: data.failure.code }),
  });
}
