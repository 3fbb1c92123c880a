import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's package puts it here; `CHROMIUM_PATH` names another. */
const DEFAULT_PATH = '/usr/bin/chromium';

/** The browser to drive, or `undefined` where there is none: browser tests then skip by name. */
export function chromiumPath(): string | undefined {
  const path = process.env.CHROMIUM_PATH || DEFAULT_PATH;
  return existsSync(path) ? path : undefined;
}

/**
 * Starts a headless Chromium on a fresh profile of its own, which goes away when it is closed.
 *
 * @throws Error where there is no Chromium; ask {@link chromiumPath} first.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) {
    throw new Error(`No Chromium at ${DEFAULT_PATH}: install the package "chromium" or set CHROMIUM_PATH.`);
  }
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
