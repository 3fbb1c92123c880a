import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { TodoList } from '../../../sandbox/todo-server/todos.js';
import { inBrowser, sandboxInBrowser } from '../../support/product/sandbox-in-browser.js';

describe('the guided tour of the sandbox', () => {
  const own = sandboxInBrowser(4300);

  const open = async (width: number): Promise<{ page: Page; tour: Locator }> => {
    const page = await own.open();
    await page.setViewportSize({ width, height: 800 });
    return { page, tour: page.getByRole('region', { name: 'Guided tour' }) };
  };
  const titles = (): string[] => {
    const { todos } = JSON.parse(readFileSync(join(own.directory, 'todos.json'), 'utf8')) as TodoList;
    return todos.map(({ title }) => title);
  };

  inBrowser(
    'leads from a goal over a kill -9 in the middle of a call to the result, by keyboard and on a phone',
    async () => {
      const { page, tour } = await open(390);
      const button = (name: string) => tour.getByRole('button', { name, exact: true });
      const enter = async (target: Locator) => {
        await target.focus();
        await page.keyboard.press('Enter');
      };
      const isFocused = (action: string) => page.locator(`[data-action^="${action}"]:focus`).waitFor();
      await enter(page.getByRole('button', { name: 'Show me in two minutes' }));
      await enter(button('Type a goal for me'));
      await page.locator('textarea:focus').waitFor();
      await page.keyboard.press('Enter');

      await tour.getByText('Read the plan, then approve it').waitFor();
      await enter(button('Show me'));
      await isFocused('plan_approve');
      await page.keyboard.press('Enter');

      await tour.getByText('It asks before it changes something').waitFor();
      await enter(button('Leave the tour'));
      await tour.waitFor({ state: 'detached' });
      await page.reload();
      await enter(page.getByRole('button', { name: 'Take up the tour' }));
      await enter(button('Show me'));
      await isFocused('tool_approve');
      await page.keyboard.press('Enter');

      const kill = tour.locator('button:focus', { hasText: 'Kill the service now' });
      await kill.and(page.locator('[aria-disabled="false"]')).waitFor();
      await page.keyboard.press('Enter');
      await tour.getByText('The service was killed. The run was not').waitFor();
      assert.equal(titles().includes('Buy stickers'), false);

      await tour.getByText('It asks instead of guessing').waitFor({ timeout: 60_000 });
      await enter(button('Show me'));
      await isFocused('question_option_');
      await page.locator('[data-action^="question_option_"]').nth(1).focus();
      await page.keyboard.press('Enter');
      await tour.getByText('Done: the run survived a kill -9').waitFor({ timeout: 60_000 });
      assert.equal(titles().filter((title) => title === 'Buy stickers').length, 1);
      await enter(button('Finish'));
      await tour.waitFor({ state: 'detached' });
    },
  );

  inBrowser('is not in the way of somebody who knows', async () => {
    const { page, tour } = await open(1280);
    await page.getByRole('textbox', { name: /^Message/ }).waitFor();
    assert.equal(await tour.count(), 0);
    await page.getByRole('button', { name: 'Guided tour' }).waitFor();
  });

  own.expectNoComplaints();
});
