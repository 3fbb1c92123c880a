import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../test/support/product/browser.js';
import { choose } from '../test/support/product/page-actions.js';
import { startSandbox } from '../test/support/product/sandbox.js';
import { Film, shoot } from './picture/film.js';
import * as on from './picture/page.js';

/** Takes the pictures of the README and the docs from the sandbox's page: `npm run picture`. */
const FOLDER = 'docs/pictures';
const FILM_SIZE = { width: 1120, height: 760 };
const SIZE = { width: 1360, height: 860 };
/** Size above which a README loads slowly, in bytes. */
const MAX_FILM = 2_000_000;

/** Choices of the question about a lost call, in the order of their buttons. */
const [IT_HAPPENED, RUN_AGAIN] = [0, 1];

const directory = mkdtempSync(join(tmpdir(), 'picture-'));
mkdirSync(FOLDER, { recursive: true });
const sandbox = await startSandbox(directory, 4380);
const browser = await openBrowser();
try {
  await film(browser);
  await stills(browser);
} finally {
  await browser.close();
  await sandbox.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** The two minutes: a command, its plan, Approve, a call, kill -9, the question, the result. */
async function film(inBrowser: Browser): Promise<void> {
  const page = await inBrowser.newPage({ viewport: FILM_SIZE, bypassCSP: true });
  await page.goto(sandbox.url);
  await on.closeWelcome(page);
  const movie = new Film(page);
  const composer = page.getByRole('textbox').first();
  const goal = '/agent add "Buy stickers" to our to-do list';
  await movie.say('Give the agent a goal, in Slack');
  await movie.hold(900);
  for (let end = 9; end < goal.length; end += 9) {
    await composer.fill(goal.slice(0, end));
    await movie.hold(160, { settleMs: 60 });
  }
  await composer.fill(goal);
  await movie.hold(900);
  await composer.press('Enter');
  const card = await on.waitingCard(page);
  await card.scrollIntoViewIfNeeded();
  await movie.say('It posts a plan. Nothing runs until the right people approve exactly that plan');
  await movie.hold(3_200);
  await movie.click(on.action(card, 'plan_approve'));

  const thread = on.thread(page);
  const approve = on.action(thread, 'tool_approve').first();
  await approve.waitFor({ timeout: 60_000 });
  await movie.say('Before a change it asks again, with the exact arguments');
  await approve.scrollIntoViewIfNeeded();
  await movie.hold(3_200);
  await page.locator('details.what-if summary').click();
  await movie.click(approve);
  await movie.say('The change is under way. Now kill the service: kill -9');
  await approve.waitFor({ state: 'detached' });
  await on.killButton(page).hover();
  await movie.click(on.killButton(page));
  await movie.hold(1_400);
  await page.locator('details.what-if summary').click();

  await on.choices(thread).first().waitFor({ timeout: 90_000 });
  await on.choices(thread).first().scrollIntoViewIfNeeded();
  await movie.say('The service is back. Nobody knows if the change happened, so it asks and repeats nothing');
  await movie.hold(3_800);
  await takeQuestion(inBrowser);
  const todos = join(directory, 'todos.json');
  const isAdded = existsSync(todos) && readFileSync(todos, 'utf8').includes('Buy stickers');
  await movie.click(on.choices(thread).nth(isAdded ? IT_HAPPENED : RUN_AGAIN));
  await on.isOver(card);
  await movie.say('Done, once. Who decided what is on record');
  await movie.hold(4_500, { settleMs: 1_500 });
  await page.close();
  const bytes = await movie.write(`${FOLDER}/two-minutes.webp`);
  console.log(`two-minutes.webp: ${bytes} bytes`);
  if (bytes > MAX_FILM) throw new Error(`The moving picture has ${bytes} bytes, more than ${MAX_FILM}.`);
}

/** Opens a window as the docs show it. */
async function openWindow(inBrowser: Browser, height = SIZE.height) {
  const page = await inBrowser.newPage({ viewport: { ...SIZE, height }, deviceScaleFactor: 1.5 });
  await page.goto(sandbox.url);
  await on.closeWelcome(page);
  return page;
}

/** The question about the lost call of the film. */
async function takeQuestion(inBrowser: Browser): Promise<void> {
  const page = await openWindow(inBrowser);
  await on.openThread(
    page,
    page
      .getByRole('article')
      .filter({ has: on.action(page, 'run_stop') })
      .last(),
  );
  await on.choices(on.thread(page)).first().scrollIntoViewIfNeeded();
  await shoot(page, `${FOLDER}/question.webp`);
  await page.close();
}

async function stills(inBrowser: Browser): Promise<void> {
  const page = await openWindow(inBrowser, 1_000);
  const todo = await on.ask(page, 'tidy up our to-do list and add the launch tasks');
  await on.action(todo, 'plan_approve').click();
  await on.action(on.thread(page), 'tool_approve').first().waitFor({ timeout: 60_000 });
  await shoot(page, `${FOLDER}/execution.webp`);
  await page.getByRole('button', { name: 'Close the thread' }).click();
  await page.setViewportSize(SIZE);

  await on.go(page, /approvals/);
  const first = await on.ask(page, 'rotate the signing keys');
  await on.become(page, 'Ben Okafor');
  await on.go(page, /approvals/);
  await choose(first, 'Edit plan');
  const form = page.getByRole('dialog');
  await form.getByRole('textbox').last().fill('Tell the partners\nA week before, by e-mail.');
  await shoot(page, `${FOLDER}/edit.webp`);
  await form.locator('button[type=submit]').click();
  await form.waitFor({ state: 'detached' });
  await on.action(first, 'plan_approve').waitFor({ state: 'detached' });

  const second = await on.waitingCard(page);
  await on.become(page, 'Chloe Martin');
  await on.go(page, /approvals/);
  await on.action(second, 'plan_approve').click();
  await page.waitForTimeout(3_000);
  await on.openThread(page, second);
  await shoot(page, `${FOLDER}/approval.webp`);
  await on.become(page, 'Dev Patel');
  await on.go(page, /^Countersign/);
  await page.getByRole('tab', { name: 'Home' }).click();
  await shoot(page, `${FOLDER}/home.webp`);
  await on.go(page, /approvals/);
  await on.action(second, 'plan_approve').click();
  await on.isOver(second);
  await on.action(second, 'run_details').click();
  await page.getByRole('dialog').waitFor();
  await shoot(page, `${FOLDER}/details.webp`);
}
