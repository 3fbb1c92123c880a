import type { ApprovalPolicy } from '../../approval/policy.js';
import type { Choice, Outcome } from '../../approval/request.js';
import type { RequestItem, Subject } from '../../run/request.js';
import { openInThread } from '../requests/ask-in-thread.js';
import { policyOfNextRequest, type RunContext } from '../run.js';

/** A question to people in the thread; an answer is no approval. */
export interface Question {
  subject: Extract<Subject, { kind: 'question' | 'lost-call' | 'budget' }>;
  choices: Choice[];
  /** Whether an answer in one's own words is taken. */
  freeText: boolean;
}

/** Asks a question, and waits for the first answer that counts. Throws when the run is cancelled, or nobody can be asked. */
export async function askPeople(context: RunContext, question: Question): Promise<Outcome> {
  const { subject, choices, freeText } = question;
  const { editors } = context.run.resume;
  const policy = policyOf(subject, policyOfNextRequest(context.run));
  const item: RequestItem = {
    ...{ id: 'question', subject, digest: '', takes: ['answer'], choices, freeText, policy, votes: [] },
    expiresAt: new Date(Date.now() + policy.expiresAfterMs).toISOString(),
    ...(editors && { editors }),
  };
  const [asked] = openInThread(context, [item]);
  if (!asked) throw new Error('A question has an item');
  return await asked.ask();
}

/** A question to the requester stays theirs alone, whatever the policy says of them and however long it waits. */
function policyOf(subject: Question['subject'], policy: ApprovalPolicy): ApprovalPolicy {
  if (subject.kind !== 'question' || subject.to === 'approvers') return policy;
  const { escalate: _, ...own } = policy;
  return { ...own, approvers: ['requester'], approvals: 1, requesterMayApprove: true };
}
