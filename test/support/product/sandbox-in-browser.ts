import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from './browser.js';
import { isAlive, startSandbox } from './sandbox.js';

const skip = chromiumPath() ? false : 'there is no Chromium here: install it, or set CHROMIUM_PATH';

/** Declares a test that is skipped by name where there is no browser. */
export function inBrowser(name: string, test: () => Promise<void> | void): void {
  it(name, { skip }, test);
}

/** Prepares the tests of a suite, where there is a browser. */
export function beforeInBrowser(prepare: () => Promise<void>): void {
  before(async () => {
    if (!skip) await prepare();
  });
}

/** Starts `npm run sandbox` and a browser for the tests of a suite. The fields are there once the tests begin. */
export function sandboxInBrowser(port: number, env: NodeJS.ProcessEnv = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const complaints: string[] = [];
  let sandbox: Awaited<ReturnType<typeof startSandbox>> | undefined;
  let browser: Browser | undefined;
  // The pages' connections fail in it, and the browser's console names each.
  let isDown = false;
  const start = async () => {
    sandbox = await startSandbox(directory, port, env);
    isDown = false;
  };
  beforeInBrowser(async () => {
    await start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    if (sandbox && isAlive(sandbox.pid)) await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const started = () => {
    assert.ok(sandbox && browser, 'the tests have begun');
    return { sandbox, browser };
  };
  return {
    port,
    directory,
    get browser() {
      return started().browser;
    },
    get sandbox() {
      return started().sandbox;
    },
    /** Ends the sandbox as a crash does. */
    async crash(): Promise<void> {
      isDown = true;
      await started().sandbox.crash();
    },
    /** Starts the sandbox anew, in the same folder. */
    startAgain: start,
    /** Opens the page in a window of its own. */
    async open(height = 800): Promise<Page> {
      const context = await started().browser.newContext({ viewport: { width: 1280, height } });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        const isOfCrash = isDown && /WebSocket|net::ERR_CONNECTION_/.test(message.text());
        if (message.type() === 'error' && !isOfCrash)
          complaints.push(`${message.text()} (${message.location().url})`);
      });
      await page.goto(started().sandbox.url);
      return page;
    },
    /** Declares the test that the pages have complained of nothing so far. */
    expectNoComplaints(): void {
      inBrowser('shows nothing in the browser’s console that would worry anybody', () => {
        assert.deepEqual(complaints, []);
      });
    },
  };
}
