import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { Duration } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { type Ledger, openLedger } from '../../../src/ledger/index.js';
import { connectTemporal, type Temporal } from '../../../src/temporal/connection.js';
import type { SuitePlace } from '../run/test-runs.js';
import { type OwnNamespace, openNamespace, setNamespace, startOwnServer } from './namespaces.js';
import { startTimeSkipping } from './temporal.js';

/** A namespace for the tests of a suite or file, with a connection as the service makes it. */
export interface DevServerForTests extends SuitePlace {
  readonly address: string;
  readonly namespace: string;
  readonly temporal: Temporal;
  /** There with `withLedger`, with the address of its database. */
  readonly ledger: Ledger;
  readonly ledgerUrl: string;
}

export interface DevServerOptions {
  /** Settings of a server of its own, `key=value` each. @default a namespace of the shared server */
  dynamicConfig?: string[];
  /** Opens a ledger, which keeps large payloads. */
  withLedger?: boolean;
}

/** Opens a namespace for the tests of a suite or file. Its fields are there once the tests begin. */
export function devServerForTests({
  dynamicConfig,
  withLedger = false,
}: DevServerOptions = {}): DevServerForTests {
  let opened: OwnNamespace;
  let temporal: Temporal;
  let ledger: Ledger | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  const ledgerUrl = `file:${join(folder, 'ledger.db')}`;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    opened = dynamicConfig ? await startOwnServer(dynamicConfig) : await openNamespace();
    setNamespace(opened);
    if (withLedger) ledger = await openLedger(ledgerUrl);
    temporal = await connectTemporal(ledger ? { store: ledger } : {});
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
    await temporal.close();
    await ledger?.close();
    await opened.close();
    rmSync(folder, { recursive: true });
  });
  return {
    ledgerUrl,
    get address() {
      return opened.address;
    },
    get namespace() {
      return opened.namespace;
    },
    get temporal() {
      return temporal;
    },
    get ledger() {
      if (!ledger) throw new Error('This suite has no ledger: ask for one with `withLedger`');
      return ledger;
    },
    get client() {
      return temporal.client;
    },
    get connection() {
      return temporal.native;
    },
    get payloads() {
      return ledger ? { store: ledger } : {};
    },
    beforeClose: (end) => ends.push(end),
  };
}

/** A server that skips time, for the tests of a suite. Its time is the same for all of its runs, so no two suites share one. */
export function timeSkippingForTests(): SuitePlace & { sleep(duration: Duration): Promise<void> } {
  let env: TestWorkflowEnvironment;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    env = await startTimeSkipping();
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
    await env.teardown();
  });
  return {
    get client() {
      return env.client;
    },
    get connection() {
      return env.nativeConnection as NativeConnection;
    },
    sleep: (duration) => env.sleep(duration),
    beforeClose: (end) => ends.push(end),
  };
}
