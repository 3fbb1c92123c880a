import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { CountersignError } from '../platform/errors.js';
import type { KeptHead, LedgerHead } from '../run/event.js';
import { WORKFLOW_TYPE } from '../workflows/runtime/signals.js';
import { shortIdIn, workflowIdOf } from './ids.js';
import { isEncrypted } from './payloads/encryption.js';

const { WORKFLOW_EXECUTION_STATUS_COMPLETED, WORKFLOW_EXECUTION_STATUS_FAILED } =
  proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** gRPC status for an unknown workflow. */
const NOT_FOUND = 5;

/** Head of a chain in a run's memo; or a sentence that says why the memo can't be read. */
export type MemoHead = KeptHead | { unreadable: string };

interface Execution {
  shortId: string;
  startedAt: number;
  /** True if the workflow ended by itself. */
  isOver: boolean;
  head: Payload | undefined;
  /** Slack's team and app that the run belongs to. */
  app: Payload | undefined;
}

/**
 * Heads of the runs' chains by short id, from the memos in Temporal's list. Runs that Temporal forgot are missing. The list may lag
 * behind; `headInHistory` is exact.
 *
 * @param known Ids of the ledger's runs. Runs of a Slack app that has none among them are left out: they are in another ledger.
 * @throws CountersignError when memos are encrypted and there is no key.
 */
export async function listHeads(
  client: Client,
  known: ReadonlySet<string> = new Set(),
): Promise<Map<string, MemoHead>> {
  const newest = new Map<string, Execution>();
  for await (const execution of executionsIn(client)) {
    const { shortId, startedAt } = execution;
    const seen = newest.get(shortId);
    const [younger, older] = !seen || startedAt > seen.startedAt ? [execution, seen] : [seen, execution];
    // A retried run has several memos, and one chain. A new execution has no memo yet.
    newest.set(shortId, younger.head ? younger : { ...younger, isOver: false, head: older?.head });
  }
  const apps = new Map<string, unknown>();
  for (const [shortId, { app }] of newest) apps.set(shortId, app && (await readApp(client, shortId, app)));
  const own = new Set([...apps].filter(([shortId]) => known.has(shortId)).map(([, app]) => app));
  const heads = new Map<string, MemoHead>();
  for (const [shortId, { head, isOver }] of newest) {
    if (own.size > 0 && !own.has(apps.get(shortId))) continue;
    if (head) heads.set(shortId, await read(client, shortId, head, isOver));
  }
  return heads;
}

/**
 * Head of a run's chain from the history of its newest execution, where each change of the memo is an event. Undefined when that
 * execution has none, or Temporal doesn't know the run.
 */
export async function headInHistory(client: Client, shortId: string): Promise<MemoHead | undefined> {
  let isOver = false;
  for await (const event of eventsBackwards(client, workflowIdOf(shortId))) {
    if (event.workflowExecutionCompletedEventAttributes ?? event.workflowExecutionFailedEventAttributes) {
      isOver = true;
    }
    const { upsertedMemo } = event.workflowPropertiesModifiedEventAttributes ?? {};
    // An execution that continues another one begins with its memo.
    const memo = upsertedMemo ?? event.workflowExecutionStartedEventAttributes?.memo;
    const head = memo?.fields?.ledgerHead;
    if (head) return await read(client, shortId, head as Payload, isOver);
  }
  return undefined;
}

/** Events of a workflow's newest execution, last first; empty for an unknown workflow. */
async function* eventsBackwards({ workflowService, options }: Client, workflowId: string) {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService
      .getWorkflowExecutionHistoryReverse({
        namespace: options.namespace,
        execution: { workflowId },
        maximumPageSize: 200,
        ...(nextPageToken && { nextPageToken }),
      })
      .catch(unlessNotFound);
    yield* page?.history?.events ?? [];
    nextPageToken = page?.nextPageToken ?? undefined;
  } while (nextPageToken && nextPageToken.length > 0);
}

function unlessNotFound(error: unknown): undefined {
  if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined;
  throw error;
}

/** Lists all executions of the workflow. The SDK's list would decode whole memos, and stop at the first unreadable one. */
async function* executionsIn({ workflowService, options }: Client): AsyncGenerator<Execution> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.listWorkflowExecutions({
      namespace: options.namespace,
      query: `WorkflowType = '${WORKFLOW_TYPE}'`,
      pageSize: 1000,
      ...(nextPageToken && { nextPageToken }),
    });
    for (const { execution, startTime, status, memo } of page.executions) {
      yield {
        shortId: shortIdIn(execution?.workflowId ?? ''),
        startedAt: Number(startTime?.seconds ?? 0) * 1000 + (startTime?.nanos ?? 0) / 1e6,
        isOver: status === WORKFLOW_EXECUTION_STATUS_COMPLETED || status === WORKFLOW_EXECUTION_STATUS_FAILED,
        head: (memo?.fields?.ledgerHead ?? undefined) as Payload | undefined,
        app: (memo?.fields?.app ?? undefined) as Payload | undefined,
      };
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
}

async function read(client: Client, shortId: string, payload: Payload, isOver: boolean): Promise<MemoHead> {
  if (isEncrypted(payload) && client.options.loadedDataConverter.payloadCodecs.length === 0) {
    throw new CountersignError(
      'PayloadKeyMissing',
      'The heads of the chains in Temporal are encrypted. Set PAYLOAD_KEYS as the service has it, or check without Temporal: --offline.',
    );
  }
  try {
    const { sequence, hash } = await decode<LedgerHead>(client, shortId, payload);
    if (!Number.isInteger(sequence) || sequence < 1 || !/^[0-9a-f]{64}$/.test(hash))
      return { unreadable: 'it is no end of a chain' };
    return { sequence, hash, ...(isOver && { end: 'memo' }) };
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

/** App of a run; null when it can't be read, as in a memo that another service encrypted. */
async function readApp(client: Client, shortId: string, payload: Payload): Promise<unknown> {
  return await decode(client, shortId, payload).catch(() => null);
}

async function decode<T>({ options }: Client, shortId: string, payload: Payload): Promise<T> {
  const { loadedDataConverter, namespace } = options;
  const context = { type: 'workflow', namespace, workflowId: workflowIdOf(shortId) } as const;
  let payloads = [payload];
  for (const codec of loadedDataConverter.payloadCodecs.toReversed())
    payloads = await codec.decode(payloads, context);
  return loadedDataConverter.payloadConverter.fromPayload<T>(payloads[0] ?? payload);
}
