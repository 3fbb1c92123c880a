import { ApplicationFailure } from '@temporalio/activity';
import { callEnd } from '../run/execution/call-end.js';
import { ruleFor } from '../run/execution/rules.js';
import { appendBeside } from './append-entries.js';
import { askInRun } from './ask-in-run.js';
import { digestOfCall } from './call-llm.js';
import type { FindPolicy, Ledger, Toolbox } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

/** Makes a tool call that was allowed or approved: exactly that one, and with all that led to it on record. */
export function createCallTool(
  toolbox: Toolbox,
  ledger: Ledger,
  policyFor: FindPolicy,
): Activities['callTool'] {
  return ({ channel, entries, ...call }) =>
    runActivity(async (signal) => {
      const { name, input, digest, definition } = call;
      const ask = askInRun(call.id);
      if (digestOfCall(call) !== digest) {
        throw ApplicationFailure.nonRetryable(
          'The call is not the one that was decided about, so it was not made.',
          'CallChanged',
        );
      }
      if (ruleFor(policyFor(channel)?.tools ?? [], call) === 'deny') {
        throw ApplicationFailure.nonRetryable(`The policy denies ${name} now.`, 'ToolDenied');
      }
      const sealed = await appendBeside(ledger, entries);
      if (entries.length > 0 && !sealed.head) {
        throw ApplicationFailure.nonRetryable(
          'The ledger is away, so the call was not made.',
          'LedgerUnavailable',
        );
      }
      return { ...(await toolbox.call(name, input, { signal, definition, ask })), ...sealed };
    }, callEnd);
}
