import type { Decision } from '../approval/judge.js';
import type { Checkpoint } from './run.js';
import type { Answer, QuestionCard, ThreadMessage, ToolCard } from './thread.js';

/** What the entries that close a tool call or a question tell. */
interface Closing {
  request: string;
  question: string;
  outcome: string;
  votes: Decision[];
  all: boolean;
  decision: Decision;
  answer: Answer;
  expired: boolean;
}

/**
 * The message of a tool call or a question once its run is over: what became of it, by the ledger; withdrawn where nobody decided or
 * answered. Undefined for messages that ask nothing.
 */
export function lastStateOf(
  message: ThreadMessage,
  entries: Checkpoint[],
): ToolCard | QuestionCard | undefined {
  switch (message.kind) {
    case 'tool-call':
      return { ...message, state: toolState(message, entries) };
    case 'question':
      return { ...message, state: questionState(message, entries) };
    case 'progress':
      return undefined;
  }
}

function toolState({ requestId }: ToolCard, entries: Checkpoint[]): ToolCard['state'] {
  const [at, closing] = closingIn(entries, 'tool-decided', ({ request }) => request === requestId);
  const { outcome, votes = [], all = false, decision } = closing;
  if (outcome === 'approved') return { kind: 'approved', votes, all };
  if (outcome === 'rejected' && decision) return { kind: 'rejected', decision };
  return outcome === 'expired' ? { kind: 'expired', at } : { kind: 'withdrawn' };
}

function questionState({ questionId }: QuestionCard, entries: Checkpoint[]): QuestionCard['state'] {
  const [at, { answer, expired }] = closingIn(entries, 'answered', ({ question }) => question === questionId);
  if (answer) return { kind: 'answered', answer };
  return expired ? { kind: 'expired', at } : { kind: 'withdrawn' };
}

/** When, and how, it was closed. */
function closingIn(
  entries: Checkpoint[],
  kind: Checkpoint['kind'],
  isAbout: (closing: Partial<Closing>) => boolean,
): [at: string, closing: Partial<Closing>] {
  const found = entries.find(
    (entry) => entry.kind === kind && isAbout((entry.data ?? {}) as Partial<Closing>),
  );
  return [found?.at ?? '', (found?.data ?? {}) as Partial<Closing>];
}
