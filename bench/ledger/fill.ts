import { randomBytes } from 'node:crypto';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import { hashOf, type StoredEntry } from '../../src/ledger/chain.js';
import { insertRows, type Query } from '../../src/ledger/database/database.js';
import { type RunKey, sealBody } from '../../src/ledger/rows/run-keys.js';
import type { RunEvent } from '../../src/run/event.js';

/** People, groups and channels of a company of 500. */
export const PEOPLE = 500;
export const GROUPS = 20;
const CHANNELS = 100;
/** One run in this many waits for people, and as many are carried out. */
const OPEN_SHARE = 100;

/** Number of runs in one insert statement. The epoch of a row in PostgreSQL is looked up past those of the same statement, so many rows are slow. */
const BATCH = 10;

export const personId = (index: number) => `U${String(index % PEOPLE).padStart(6, '0')}`;
export const groupId = (index: number) => `S${String(index % GROUPS).padStart(6, '0')}`;
export const channelId = (index: number) => `C${String(index % CHANNELS).padStart(6, '0')}`;
export const shortId = (index: number) => `run${String(index).padStart(7, '0')}`;
export const threadTs = (index: number) => `${1_700_000_000 + index}.000100`;
/** Groups that a person is in. */
export const groupsOf = (index: number) => [groupId(index), groupId(index + 7), groupId(index + 13)];
/** True for a run that waits for people, or is carried out. */
export const isOpen = (index: number) => index % OPEN_SHARE === 0 || index % OPEN_SHARE === 50;

const words = (count: number) =>
  'The release notes say what changed for the people who use it. '.repeat(count);
const plan = {
  title: 'Release notes',
  summary: words(5),
  steps: Array.from({ length: 5 }, (_, index) => ({ title: `Step ${index + 1}`, detail: words(2) })),
  risks: [words(1)],
  sources: [{ title: 'Notes', url: 'https://docs.example.com/notes' }],
};

/** Events of a run, as the workflow writes them. */
function eventsOf(index: number): RunEvent[] {
  const requester = { user: personId(index), team: 'T1' };
  const approver = { user: personId(index * 7 + 1), team: 'T1' };
  const policy: ApprovalPolicy = {
    approvers: [groupId(index), approver.user],
    approvals: 1,
    requesterMayApprove: false,
    expiresAfterMs: 259_200_000,
    team: 'T1',
  };
  const digest = 'd'.repeat(64);
  const about = { request: 'request-1', item: 'plan' };
  const decision = {
    ...{ kind: 'approve' as const, request: about.request, revision: 1, note: '', by: approver },
    ...{ items: [{ id: 'plan', digest }], at: '2026-11-24T10:00:00.000Z' },
  };
  const usage = { inputTokens: 1000, outputTokens: 500 };
  const item = {
    ...{ id: 'plan', digest, takes: ['approve' as const, 'reject' as const], policy, votes: [] },
    ...{ expiresAt: '2099-01-01T00:00:00.000Z', subject: { kind: 'plan' as const, title: plan.title } },
  };
  const call = { id: 'toolu_1', name: 'github__get_issue', digest, readOnly: true, known: true };
  const called = { kind: 'tool-called' as const, data: { call, outcome: 'done' as const, text: words(15) } };
  const turned = { kind: 'turned' as const, data: { turn: 1, text: words(3), calls: [call.name], usage } };
  const message = { channel: channelId(index), ts: threadTs(index) };
  const asked: RunEvent[] = [
    { kind: 'started', data: { goal: words(2), requester, channel: message.channel, policy } },
    { kind: 'searched', data: { summary: words(20), sources: plan.sources, usage } },
    { kind: 'planned', data: { plan, revision: 1, digest, usage } },
    { kind: 'requested', data: { id: about.request, revision: 1, items: [item] } },
    { kind: 'posted', data: { message, request: about.request } },
    { kind: 'notified', data: { ...about, messages: [{ channel: 'D1', ts: '1.0' }] } },
  ];
  const approved: RunEvent[] = [
    { kind: 'voted', data: { ...about, decision, votes: 1, of: 1 } },
    { kind: 'decided', data: { ...about, outcome: { kind: 'approve', decision, votes: [decision] } } },
    ...[turned, called, turned, called],
  ];
  const result = words(10);
  const ended: RunEvent[] = [
    { kind: 'executed', data: { text: result } },
    { kind: 'ended', data: { state: 'completed', result, decision } },
  ];
  if (index % OPEN_SHARE === 0) return asked;
  return index % OPEN_SHARE === 50 ? [...asked, ...approved] : [...asked, ...approved, ...ended];
}

function entriesOf(index: number, count: number, runKey: RunKey): StoredEntry[] {
  // Runs are five minutes apart; the last one starts now.
  const began = Date.now() - (count - index) * 300_000;
  let previous = '';
  return eventsOf(index).map(({ kind, data }, position) => {
    const clear = JSON.stringify(data);
    const entry = {
      ...{
        shortId: shortId(index),
        sequence: position + 1,
        key: `execution/${position + 1}`,
        kind,
        previous,
      },
      at: new Date(began + position * 1000).toISOString(),
      data: clear,
      sealed: sealBody(runKey, clear),
    };
    previous = hashOf(entry);
    return { ...entry, hash: previous };
  });
}

/** Fills the empty tables of a ledger with `count` runs. Views are made from the entries afterwards. */
export async function fill(
  transaction: (work: (query: Query) => Promise<void>) => Promise<void>,
  count: number,
) {
  for (let from = 0; from < count; from += BATCH * 100) {
    await transaction(async (query) => {
      for (let at = from; at < Math.min(from + BATCH * 100, count); at += BATCH) {
        const runs = Array.from({ length: Math.min(BATCH, count - at) }, (_, offset) => at + offset);
        const keys = runs.map(() => ({ number: 1, key: randomBytes(32) }));
        const rows = keys.map(({ number, key }, at) => ({ run_id: shortId(runs[at] ?? 0), number, key }));
        await insertRows(query, 'run_keys', rows);
        const entries = keys.flatMap((key, at) => entriesOf(runs[at] ?? 0, count, key));
        const values = entries.map(() => '(1, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ');
        await query(
          `INSERT INTO entries (key_number, run_id, sequence, key, kind, at, data, previous, hash) VALUES ${values}`,
          entries.flatMap(({ shortId, sequence, key, kind, at, sealed, previous, hash }) => [
            ...[shortId, sequence, key, kind, at, sealed, previous, hash],
          ]),
        );
      }
    });
  }
}
