import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { HISTORIES } from '../support/paths.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = at('../histories');

quietRuntime();

describe('a run that began before the workflow changed', () => {
  const replay = async (name: string, workflowsPath?: string) =>
    Worker.runReplayHistory(
      { workflowBundle: await workflowBundle(workflowsPath) },
      JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
    );

  it('is on record, on every path and no other', () => {
    const recorded = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
    assert.deepEqual(recorded.toSorted(), HISTORIES.toSorted());
  });

  for (const name of HISTORIES) it(`goes on: ${name}`, () => replay(name));

  it('would not go on if the commands had changed without a patch', async () => {
    await assert.rejects(
      replay('approve', at('../support/workflows/changed-workflow.ts')),
      DeterminismViolationError,
    );
  });
});
