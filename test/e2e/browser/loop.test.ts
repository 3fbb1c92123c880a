import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { todoFolder } from '../../support/mcp/todos.js';
import { lastCard, press, say } from '../../support/product/page-actions.js';
import { beforeInBrowser, inBrowser, sandboxInBrowser } from '../../support/product/sandbox-in-browser.js';

/** Longer than the sandbox's own, so that a slow machine kills in the middle of a change, too; half of it is before the write. */
const CHANGE_MS = 8_000;

describe('a plan that is carried out with tools, in the browser', () => {
  const todos = todoFolder({ delayMs: CHANGE_MS });
  const own = sandboxInBrowser(4340, { MCP_CONFIG: todos.config });
  let page: Page;
  beforeInBrowser(async () => {
    page = await own.open(860);
    page.setDefaultTimeout(60_000);
  });
  after(() => todos.remove());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const card = (title: string) => lastCard(page, title);
  const thread = () => page.getByRole('complementary', { name: 'Thread' });
  /** The message in the thread that shows a tool call, told by something in it. */
  const toolCall = (words: string) =>
    thread()
      .getByRole('article')
      .filter({ hasText: /to approve|Approve this action|decided/ })
      .filter({ hasText: words });
  /** A button of one of several actions in a message: the one that shows these words. */
  const buttonOf = (words: string, label: string) =>
    toolCall(words)
      .locator('.block-rich_text', { hasText: words })
      .locator('xpath=following-sibling::*[contains(@class, "block-actions")][1]')
      .getByRole('button', { name: label, exact: true });
  const progress = () => thread().locator('.plan').last();
  const ask = (goal: string) => say(page, `/agent ${goal}`);

  inBrowser(
    'shows each step and call as it goes, asks before each change, and posts the result',
    async () => {
      const goal = 'Tidy up our to-do list and add the launch tasks';
      await button(`/agent ${goal}`).click();
      await press(card(goal), 'Approve');
      await progress().getByText('List todos · done').waitFor();
      await progress().getByText('title: Brief the support team').waitFor();
      assert.equal((await progress().innerText()).match(/waiting for a decision: /g)?.length, 3);
      assert.equal(todos.titles().length, 5, 'nothing was changed before anybody said yes');

      const actions = toolCall('title: Write the launch announcement');
      await actions.getByText('3 actions to approve').waitFor();
      await buttonOf('title: Write the launch announcement', 'Approve').click();
      await actions.getByText(/Approved by/).waitFor();
      await actions.getByText('2 of 3 actions to approve').waitFor();
      await progress().getByText('running: title: Write the launch announcement').waitFor();
      await actions.getByLabel(/Reason or note/).fill('they know already');
      await buttonOf('title: Brief the support team', 'Reject').click();
      await actions.getByText('they know already').waitFor();
      await progress().getByText('not run: title: Brief the support team').waitFor();
      await actions.getByText('This may delete, send, pay or publish').waitFor();
      await press(actions, 'Exact input');
      await page
        .getByRole('dialog', { name: 'Exact input' })
        .getByText(/"id": \d+/)
        .waitFor();
      await page.keyboard.press('Escape');
      await press(actions, 'Approve');
      await actions.getByText('3 actions, all decided').waitFor();

      const result = thread().getByRole('article').filter({ hasText: 'Written by the simulated model' });
      await result.getByText('3 calls were made, 1 was refused.').waitFor();
      await result.getByText(/Their reason: “they know already”/).waitFor();
      await result.getByText(/3 model replies · 3 actions · [\d,]+ tokens/).waitFor();
      await thread()
        .getByText(/Done · 3 of 3 steps done/)
        .waitFor();
      await card(goal).getByText(/Done/).waitFor();
      assert.equal(await card(goal).getByRole('button', { name: 'Stop' }).count(), 0);
      const titles = todos.titles();
      assert.ok(titles.includes('Write the launch announcement'));
      assert.ok(!titles.includes('Brief the support team'));
      assert.ok(!titles.includes('Renew the certificate of the status page'), 'what was done is removed');
      await button('Close the thread').click();
    },
  );

  inBrowser(
    'asks whether a change happened that it was killed in the middle of, and makes it once',
    async () => {
      const title = 'Add "Buy stickers" to our to-do list';
      await ask(title);
      await press(card(title), 'Approve');
      await page.getByText('What if…').click();
      await press(toolCall('title: Buy stickers'), 'Approve');
      await progress().getByText('running: title: Buy stickers').waitFor();
      while (todos.times('Buy stickers') === 0) await delay(50);
      await button('Kill the service (kill -9)').click();
      await page.getByText(/The service is down\. It starts again by itself/).waitFor();
      const question = thread().getByRole('article').filter({ hasText: 'We lost contact during' });
      await question.getByText('What was sent:').waitFor();
      await press(question, 'It was done, continue');
      await question.getByText(/Answered by/).waitFor();
      await thread()
        .getByText(/Added “Buy stickers”: “The answer to this call was lost\. A person looked/)
        .waitFor();
      await card(title).getByText(/Done/).waitFor();
      assert.equal(todos.times('Buy stickers'), 1);
      await page.getByText('What if…').click();
      await button('Close the thread').click();
    },
  );

  inBrowser('asks a question with buttons and a field, and goes on with the answer', async () => {
    await button('What is this?').click();
    await button('/agent Ask me which launch date to take, then draft the announcement').click();
    await press(card('Ask me which launch date'), 'Approve');
    const question = thread().getByRole('article').filter({ hasText: 'The agent asks' });
    await question.getByRole('button', { name: 'Friday', exact: true }).waitFor();
    await question.getByLabel(/Your answer/).fill('The 3rd of March');
    await press(question, 'Answer');
    await question.getByText(/Answered by/).waitFor();
    await thread().getByText('The answer was: The 3rd of March').waitFor();
    await button('Close the thread').click();
  });

  inBrowser(
    'leads an approver from Home and from a direct message to what waits for them, as who they are',
    async () => {
      await page
        .getByRole('button', { name: /incidents/ })
        .first()
        .click();
      const title = 'Add "Page the vendor" to our to-do list';
      await ask(title);
      await card(title).waitFor();
      await button('Act as Dev Patel').click();
      const app = page.getByRole('button', { name: 'Countersign' }).first();
      await app.click();
      await button('Open the card').click();
      await press(card(title), 'Approve');
      await card(title)
        .getByText(/Working/)
        .waitFor();
      await app.click();
      await page.getByText(/1 action for you/).waitFor();
      await page.getByRole('tab', { name: 'Messages' }).click();
      await page.getByText(/The action .*Page the vendor/).waitFor();
      await button('Open the card').click();
      await press(toolCall('title: Page the vendor'), 'Approve');
      await thread()
        .getByText(/Approved by @Dev Patel/)
        .last()
        .waitFor();
      await press(card(title), 'Stop');
      await button('Stop run').click();
      await card(title)
        .getByText(/Stopped by/)
        .waitFor();
      await card(title).getByText('Done before that:').waitFor();
      await card(title)
        .getByText(/Add “.*” to the to-do list: .*so it may have been done/)
        .waitFor();
    },
  );

  own.expectNoComplaints();
});
