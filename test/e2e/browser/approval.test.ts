import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Page } from 'playwright-core';
import { lastCard as cardOf, choose, press as pressIn, say } from '../../support/product/page-actions.js';
import { beforeInBrowser, inBrowser, sandboxInBrowser } from '../../support/product/sandbox-in-browser.js';

const TITLE = 'Rotate the signing keys';

describe('approval by several people, in the browser', () => {
  const own = sandboxInBrowser(4310);
  let ana: Page;
  let ben: Page;
  let chloe: Page;
  beforeInBrowser(async () => {
    [ana, ben, chloe] = [await pageOf('Ana Silva'), await pageOf('Ben Okafor'), await pageOf('Chloe Martin')];
  });

  /** A window of its own, in which somebody looks at #approvals. */
  async function pageOf(name: string): Promise<Page> {
    const page = await own.open(900);
    if (name !== 'Ana Silva') await page.getByRole('button', { name: `Act as ${name}` }).click();
    await page
      .getByRole('button', { name: /approvals/ })
      .first()
      .click();
    return page;
  }

  const lastCard = (page: Page, title = TITLE) => cardOf(page, title);
  const press = (page: Page, label: string, title = TITLE) => pressIn(lastCard(page, title), label);
  const thread = (page: Page) => page.getByRole('complementary', { name: 'Thread' });
  async function ask(goal: string): Promise<void> {
    await say(ana, `/agent ${goal}`);
    await lastCard(chloe, goal.charAt(0).toUpperCase() + goal.slice(1))
      .getByRole('button', { name: 'Approve', exact: true })
      .waitFor();
  }

  inBrowser('lets two of the group decide, and keeps a note that somebody is typing', async () => {
    await ask('rotate the signing keys');
    const note = lastCard(ben).getByLabel(/^Note/);
    await note.fill('only the old ones');
    await press(chloe, 'Approve');
    await lastCard(ben)
      .getByText(/\(1 of 2 approvals: /)
      .waitFor();
    assert.equal(await note.inputValue(), 'only the old ones', 'the vote of another wiped nothing');
    await press(ben, 'Approve');
    await lastCard(ben).getByText(/Done/).waitFor();
    await lastCard(ben)
      .getByText(/Approved by @\w+.*, @\w+/)
      .waitFor();
  });

  inBrowser('tells the whole story of it on request', async () => {
    await press(ben, 'Details');
    const story = ben.getByRole('dialog');
    await story.getByText(/approved \(1 of 2\)/).waitFor();
    await story.getByText(/approved \(2 of 2\)/).waitFor();
    await story.getByText(/It ended: done/).waitFor();
    await story.getByText(/each chained to the one before it/).waitFor();
    await story.getByRole('button', { name: 'Close' }).first().click();
  });

  inBrowser('shows what waits in App Home at once, and takes it away when it is decided', async () => {
    await chloe.getByRole('button', { name: 'Countersign' }).click();
    await chloe.getByRole('tab', { name: 'Home' }).click();
    await chloe.getByText(/Nothing waits for you/).waitFor();
    await say(ana, '/agent plan the fire drill');
    await chloe.getByRole('heading', { name: 'Waiting for you (1)' }).waitFor();
    await chloe.getByText('Plan the fire drill').first().waitFor();
    await ben.getByRole('button', { name: 'Reject', exact: true }).last().click();
    const dialog = ben.getByRole('dialog', { name: 'Reject the plan' });
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('not in winter');
    await dialog.getByRole('button', { name: 'Reject', exact: true }).click();
    await chloe.getByText(/Nothing waits for you/).waitFor();
    await chloe.getByRole('tab', { name: 'Messages' }).click();
    await chloe
      .getByText(/ rejected /)
      .last()
      .waitFor();
    await chloe
      .getByRole('button', { name: /approvals/ })
      .first()
      .click();
  });

  inBrowser('refuses who asked, and says who can', async () => {
    await ask('move the blog');
    await press(ana, 'Approve', 'Move the blog');
    await ana
      .getByText(/you asked for this, so somebody else must approve it\. Who can: @approvers/)
      .waitFor();
  });

  inBrowser('takes an edit as a revision that others approve, and compares the two', async () => {
    await choose(lastCard(ben, 'Move the blog'), 'Edit plan');
    const form = ben.getByRole('dialog', { name: 'Edit plan' });
    await form.getByLabel('Step 1').fill('Ask the readers first\nFor a week.');
    await form.getByLabel('More steps').fill('Celebrate');
    await form.getByRole('button', { name: 'Save new revision' }).click();
    const card = lastCard(ben, 'Move the blog');
    await card.getByText(/revision 2/).waitFor();
    await card.getByText('Ask the readers first').waitFor();
    await press(ben, 'Approve', 'Move the blog');
    await ben
      .getByText(/you edited this or asked for its changes, so somebody else must approve it/)
      .waitFor();
    await card.getByRole('button', { name: /repl/ }).click();
    await thread(ben).getByText('What changed').waitFor();
    await thread(ben).getByText('Celebrate').last().waitFor();
  });

  inBrowser('writes a third revision when changes are asked for, and carries it out', async () => {
    // Chloe is needed for the approval, and reads so before she sends anything.
    await press(chloe, 'Request changes', 'Move the blog');
    const warned = chloe.getByRole('dialog', { name: 'Request changes' });
    await warned.getByText(/only one other person can approve it/).waitFor();
    await warned.getByRole('button', { name: 'Cancel' }).click();
    await press(ben, 'Request changes', 'Move the blog');
    const dialog = ben.getByRole('dialog', { name: 'Request changes' });
    await dialog.getByRole('textbox').fill('keep the old addresses');
    await dialog.getByRole('button', { name: 'Request changes' }).click();
    const card = lastCard(chloe, 'Move the blog');
    await card.getByText(/revision 3/).waitFor();
    await press(chloe, 'Approve', 'Move the blog');
    await card.getByText(/\(1 of 2 approvals: /).waitFor();
    await chloe.getByRole('button', { name: 'Act as Dev Patel' }).click();
    await chloe
      .getByRole('button', { name: /approvals/ })
      .first()
      .click();
    await press(chloe, 'Approve', 'Move the blog');
    await card.getByText(/Done/).waitFor();
  });

  own.expectNoComplaints();
});
