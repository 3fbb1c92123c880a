import type { RequestItem, Subject } from '../../../run/request.js';

type CallSubject = Extract<Subject, { kind: 'tool-call' }>;

/** An item about a tool call. */
export interface CallItem extends RequestItem {
  subject: CallSubject;
}

export function isAboutCall(item: RequestItem): item is CallItem {
  return item.subject.kind === 'tool-call';
}

/** Limit of an approval of all calls like one: the rule that asks about it. */
export function limitText({ subject: { rule } }: CallItem): string {
  return rule?.where
    ? 'for everything that this rule asks about'
    : 'with any values, unless a stricter rule asks';
}
