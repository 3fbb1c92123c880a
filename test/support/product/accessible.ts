import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8');
const THEMES = ['light', 'dark'] as const;
/** Widths of a desktop's window and of a phone, in pixels. */
const WIDTHS = [1280, 390];

/** Fails with what axe finds on a view: in both themes, on a desktop and on a phone, where nothing may stick out either. */
export async function expectAccessible(page: Page, view: string): Promise<void> {
  const before = page.viewportSize();
  const problems: string[] = [];
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      const found = await problemsOf(page);
      problems.push(...found.map((problem) => `${view}, ${theme}, ${width} px: ${problem}`));
    }
  }
  if (before) await page.setViewportSize(before);
  assert.deepEqual(problems, []);
}

async function problemsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(`${AXE};0`);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  const stickOut = (await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )) as boolean;
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
        return `${id}: ${html.slice(0, 200)} (${why.slice(0, 200)})`;
      }),
    ),
    ...(stickOut ? ['the page is wider than the window'] : []),
  ];
}
