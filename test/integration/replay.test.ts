import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { installRuntime } from '../../src/temporal/worker.js';
import { workflowBundle } from '../support/workflow-bundle.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = at('../histories');
const recorded = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.json'));

installRuntime(() => {});

describe('runs that began under an earlier version', () => {
  const replay = (file: string, code: ReplayWorkerOptions) =>
    Worker.runReplayHistory(code, JSON.parse(readFileSync(join(folder, file), 'utf8')));

  it('are on record, every path of them', () => {
    const paths = [
      'approve',
      'reject',
      'changes',
      'quorum',
      'refused',
      'expiry',
      'cancel',
      'retries-exhausted',
    ];
    const more = ['invalid-request', 'cannot-post', 'cannot-post-result', 'cannot-update', 'retried'];
    const since = ['result-to-requester', 'interrupted', 'overtaken', 'channel-archived', 'card-deleted'];
    for (const path of [...paths, ...more]) assert.ok(recorded.includes(join('0.1', `${path}.json`)), path);
    const gate = ['group', 'group-unsure', 'anyone', 'edit', 'in-time', 'search-attributes', 'ledger-away'];
    for (const path of [...paths, ...more, ...since]) {
      assert.ok(recorded.includes(join('0.2', `${path}.json`)), path);
    }
    const tools = ['tools', 'tool-rejected', 'tool-expired', 'tool-lost', 'tool-stopped', 'thread-lost'];
    const turns = ['question', 'budget', 'cancel-executing', 'model-refused', 'follow-up'];
    for (const path of [...paths, ...more, ...since, ...gate]) {
      assert.ok(recorded.includes(join('0.3', `${path}.json`)), path);
    }
    for (const path of [...paths, ...more, ...since, ...gate, ...tools, ...turns]) {
      assert.ok(recorded.includes(join('0.4', `${path}.json`)), path);
    }
  });

  for (const file of recorded) {
    it(`go on under this one: ${file}`, async () => replay(file, { workflowBundle: await workflowBundle() }));
  }

  it('would not replay if the workflow had changed without a patch', async () => {
    await assert.rejects(
      replay(join('0.1', 'approve.json'), { workflowsPath: at('../support/changed-workflow.ts') }),
      DeterminismViolationError,
    );
  });
});
