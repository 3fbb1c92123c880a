#!/usr/bin/env node
import { CommanderError } from 'commander';
import type { SandboxOptions } from '../sandbox/index.js';
import { createProgram, EXIT } from './cli/program.js';
import { CountersignError, hideSecrets } from './platform/errors.js';

async function sandbox(options: SandboxOptions): Promise<void> {
  const { runSandbox } = await import('../sandbox/index.js');
  await runSandbox(options);
}

/** Exits with a message for the operator. Only an unexpected error shows its stack. */
function fail(error: unknown): never {
  // Help, the version and the usage were printed already.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT.usage);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const isOurs = error instanceof CountersignError;
  console.error(isOurs ? error.message : `Countersign failed: ${hideSecrets(stack)}`);
  process.exit(isOurs && error.code === 'Usage' ? EXIT.usage : EXIT.failed);
}

process.on('unhandledRejection', fail);
createProgram({ sandbox }).parseAsync().catch(fail);
