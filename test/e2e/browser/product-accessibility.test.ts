import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { expectAccessible } from '../../support/product/accessible.js';
import { say } from '../../support/product/page-actions.js';
import { beforeInBrowser, inBrowser, sandboxInBrowser } from '../../support/product/sandbox-in-browser.js';

/** Controls that decide or start something, and open no modal. */
const DECIDES = /approve|tool_reject|question_|retry|start_again|open_card|goal_|schedule_/;
const OPENS_WITHIN_MS = 2_000;

describe('the product’s messages and modals, for everybody', () => {
  const own = sandboxInBrowser(4320);
  let page: Page;
  beforeInBrowser(async () => {
    page = await own.open();
  });

  const control = (action: string) => page.locator(`[data-action^="${action}"]`).last();
  const dialog = () => page.getByRole('dialog');
  const opens = async () => {
    for (let waitedMs = 0; waitedMs < OPENS_WITHIN_MS; waitedMs += 100) {
      if ((await dialog().count()) > 0) return true;
      await delay(100);
    }
    return false;
  };
  /** Opens each modal and confirmation of a message, and closes it with Escape. */
  const expectModals = async (message: Locator, name: string): Promise<number> => {
    let opened = 0;
    const controls = message.locator('button[data-action], select[data-action]');
    for (const one of await controls.all()) {
      const action = (await one.getAttribute('data-action')) ?? '';
      if (DECIDES.test(action)) continue;
      const isMenu = (await one.evaluate('(element) => element.tagName')) === 'SELECT';
      const choices = isMenu ? await one.locator('option:not([disabled])').count() : 1;
      for (let choice = 0; choice < choices; choice += 1) {
        await one.focus();
        if (isMenu) await one.selectOption({ index: choice + 1 });
        else await page.keyboard.press('Enter');
        if (!(await opens())) continue;
        opened += 1;
        await expectAccessible(page, `${name}, ${action} ${choice}`);
        await page.keyboard.press('Escape');
        await dialog().waitFor({ state: 'detached' });
        assert.equal(await page.evaluate('document.activeElement.dataset.action'), action);
      }
    }
    return opened;
  };
  const cardOf = (action: string) => page.locator('main article', { has: control(action) }).last();

  inBrowser('a plan’s card and its modals', async () => {
    await say(page, '/agent add "Buy stickers" to our to-do list');
    await control('plan_approve').waitFor();
    await expectAccessible(page, 'a plan');
    assert.ok((await expectModals(cardOf('plan_approve'), 'a plan')) >= 2);
  });

  inBrowser('a tool call that asks, in its thread', async () => {
    await control('plan_approve').click();
    await control('tool_approve').waitFor();
    await expectAccessible(page, 'a tool call');
    await expectModals(page.locator('aside article', { has: control('tool_approve') }).last(), 'a tool call');
    await expectModals(cardOf('run_stop'), 'a plan that is carried out');
  });

  inBrowser('App Home, while something waits', async () => {
    await page.getByRole('button', { name: 'Countersign' }).first().click();
    await page.locator('.home [data-action]').first().waitFor();
    await expectAccessible(page, 'Home');
    await page.getByRole('button', { name: '#general' }).click();
  });

  inBrowser('a result, and the details of its run', async () => {
    await page.getByRole('button', { name: /repl/ }).last().click();
    await control('tool_approve').click();
    await page.getByText('Written by the simulated model').waitFor();
    await control('run_details').waitFor();
    await expectAccessible(page, 'a result');
    assert.ok((await expectModals(cardOf('run_details'), 'a finished run')) >= 1);
  });

  inBrowser('the answers to commands that only their person sees', async () => {
    await page.getByRole('button', { name: 'Close the thread' }).click();
    for (const words of ['help', 'list', 'schedule "every monday at 9" plan the week', 'status nothing'])
      await say(page, `/agent ${words}`);
    await control('schedule_save').waitFor();
    await expectAccessible(page, 'private answers');
  });
});
