import { DEFAULT_POLICY } from '../../src/approval/policy.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import type { RequestItem, RequestMessage, Subject } from '../../src/run/request.js';
import { ana, plan } from './samples.js';

/** The item of a plan that waits. */
export function planItem(own: Partial<RequestItem> = {}): RequestItem {
  return {
    id: 'plan',
    subject: { kind: 'plan', title: plan.title },
    digest: 'd'.repeat(64),
    takes: ['approve', 'reject', 'changes', 'edit', 'extend'],
    policy: DEFAULT_POLICY,
    votes: [],
    expiresAt: '2026-11-27T10:00:00.000Z',
    ...own,
  };
}

export function toolCall(own: Partial<ToolCall> = {}): ToolCall {
  return {
    id: 'toolu_1',
    name: 'filesystem__write_file',
    input: { path: 'notes.md', content: '# Notes' },
    digest: 'c'.repeat(64),
    step: 2,
    reason: 'The notes go into the repository.',
    readOnly: false,
    known: true,
    ...own,
  };
}

/** The message of a tool call that people are asked about. */
export function toolMessage(own: Partial<RequestItem> = {}, call: Partial<ToolCall> = {}): RequestMessage {
  return requestMessage({
    id: '1',
    subject: { kind: 'tool-call', call: toolCall(call), stepTitle: 'Write the notes' },
    digest: 'c'.repeat(64),
    takes: ['approve', 'reject'],
    ...own,
  });
}

export const QUESTION: Extract<Subject, { kind: 'question' }> = {
  kind: 'question',
  text: 'Which release is meant?',
  to: 'requester',
};

/** The message of a question to people. */
export function questionMessage(own: Partial<RequestItem> = {}): RequestMessage {
  return requestMessage({
    id: 'question',
    subject: QUESTION,
    digest: '',
    takes: ['answer'],
    choices: [
      { id: '1', label: '2.4' },
      { id: '2', label: '2.5' },
    ],
    freeText: true,
    ...own,
  });
}

function requestMessage(own: Partial<RequestItem>): RequestMessage {
  const item = planItem(own);
  return { kind: 'request', shortId: 'abcd2345', requester: ana, request: 'request-7', revision: 1, item };
}
