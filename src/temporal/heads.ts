import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { CountersignError } from '../errors.js';
import type { KeptHead, LedgerHead } from '../run/run.js';
import { WORKFLOW_TYPE } from '../workflows/messages.js';
import { runIdIn } from './ids.js';
import { isEncrypted } from './payload-encryption.js';

const { WORKFLOW_EXECUTION_STATUS_COMPLETED, WORKFLOW_EXECUTION_STATUS_FAILED } =
  proto.temporal.api.enums.v1.WorkflowExecutionStatus;

interface Execution {
  runId: string;
  startedAt: number;
  /** Whether the workflow came to its own end. */
  isOver: boolean;
  head: Payload | undefined;
}

/**
 * Where the chain of each run ends in the ledger, as the runs' memos keep it, by run id; of those that Temporal still knows. One whose
 * memo can't be read says why, in a sentence.
 *
 * @throws CountersignError when memos are encrypted and there is no key.
 */
export async function headsIn(client: Client): Promise<Map<string, KeptHead | { unreadable: string }>> {
  const newest = new Map<string, Execution>();
  for await (const execution of executionsIn(client)) {
    const { runId, startedAt } = execution;
    const known = newest.get(runId);
    const [younger, older] = !known || startedAt > known.startedAt ? [execution, known] : [known, execution];
    // A run that was tried again has several memos, and its chain goes on. One that has just begun has none yet.
    newest.set(runId, younger.head ? younger : { ...younger, isOver: false, head: older?.head });
  }
  const heads = new Map<string, KeptHead | { unreadable: string }>();
  for (const [runId, { head, isOver }] of newest) {
    if (head) heads.set(runId, await read(client, head, isOver));
  }
  return heads;
}

/** All executions of our workflow. The SDK's own list decodes whole memos, and ends at the first that can't be. */
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
        runId: runIdIn(execution?.workflowId ?? ''),
        startedAt: Number(startTime?.seconds ?? 0) * 1000 + (startTime?.nanos ?? 0) / 1e6,
        isOver: status === WORKFLOW_EXECUTION_STATUS_COMPLETED || status === WORKFLOW_EXECUTION_STATUS_FAILED,
        head: (memo?.fields?.ledgerHead ?? undefined) as Payload | undefined,
      };
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
}

async function read(
  { options: { loadedDataConverter } }: Client,
  payload: Payload,
  isOver: boolean,
): Promise<KeptHead | { unreadable: string }> {
  const { payloadCodecs, payloadConverter } = loadedDataConverter;
  if (isEncrypted(payload) && payloadCodecs.length === 0) {
    throw new CountersignError(
      'PayloadKeyMissing',
      'What Temporal keeps of the chains is encrypted. Set PAYLOAD_KEYS as the service has it, or compare with nothing outside: --offline.',
    );
  }
  try {
    let payloads = [payload];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    const { sequence, hash } = payloadConverter.fromPayload<LedgerHead>(payloads[0] ?? payload);
    if (!Number.isInteger(sequence) || sequence < 1 || !/^[0-9a-f]{64}$/.test(hash))
      return { unreadable: 'it is no end of a chain' };
    return { sequence, hash, ...(isOver && { end: 'memo' }) };
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}
