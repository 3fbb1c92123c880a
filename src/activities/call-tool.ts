import { ApplicationFailure } from '@temporalio/activity';
import { beating } from './beat.js';
import { digestOfCall } from './call-llm.js';
import { withFailures } from './failures.js';
import type { Toolbox } from './ports.js';
import type { Activities } from './types.js';

/** Makes a tool call that was allowed or approved: exactly that one. */
export function createCallTool(toolbox: Toolbox): Activities['callTool'] {
  return ({ name, input, digest, readOnly }) =>
    withFailures(() =>
      beating(async (signal) => {
        if (digestOfCall(name, input) !== digest) {
          throw ApplicationFailure.nonRetryable(
            'The arguments are not those that were decided about, so the call was not made.',
            'CallChanged',
          );
        }
        if (readOnly) await checkReadOnly(toolbox, name);
        return await toolbox.call(name, input, { signal });
      }),
    );
}

/** What was let through because it only reads must still say so: its server may have changed meanwhile. */
async function checkReadOnly(toolbox: Toolbox, name: string): Promise<void> {
  const tool = (await toolbox.list()).find((known) => known.name === name);
  if (!tool || tool.readOnly) return;
  throw ApplicationFailure.nonRetryable(
    `${name} no longer says that it only reads, so the call was not made.`,
    'ToolChanged',
  );
}
