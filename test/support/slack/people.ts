type View = ReturnType<Workspace['openViews']>[number];

import type { Message, Workspace } from '../../../sandbox/workspace/index.js';

/** The run id in the private answer to `/agent <goal>`. */
export function shortIdIn(text: string): string {
  const id = /`([a-z2-9]{8})`/.exec(text)?.[1];
  if (!id) throw new Error(`No run id in: ${text}`);
  return id;
}

/** Gives `/agent` a goal; resolves with the run's id, from the private answer. */
export async function startRun(
  workspace: Workspace,
  user: string,
  channel: string,
  goal: string,
): Promise<string> {
  const answer = await answerTo(workspace, user, async () => {
    const done = await workspace.as(user).command(channel, '/agent', goal);
    if (!done.ok) throw new Error(`The command was not taken: ${done.error}`);
  });
  return shortIdIn(answer.text);
}

/** Does something as a person; resolves with what they alone are told next. Slack's acknowledgement of a command or a click comes before. */
export async function answerTo(
  workspace: Workspace,
  user: string,
  act: () => Promise<unknown>,
): Promise<Message> {
  const before = workspace.ephemerals(user).length;
  await act();
  return await workspace.waitFor(() => workspace.ephemerals(user)[before], { what: 'the private answer' });
}

/** The message of the app that shows a run, once its text (what notifications show) matches. */
export function cardOf(
  workspace: Workspace,
  channel: string,
  shortId: string,
  text: RegExp,
): Promise<Message> {
  return workspace.waitFor(
    () =>
      workspace
        .messages(channel)
        .filter(
          (message) =>
            !message.onlyFor && !message.threadTs && JSON.stringify(message.blocks ?? '').includes(shortId),
        )
        .findLast((message) => text.test(message.text)),
    { what: `a card of run ${shortId} that says ${text}`, timeoutMs: 20_000 },
  );
}

/** Text of the app's messages, for notifications and screen readers. */
export const WAITING = /^Approve\?/;
export const ASKS = /^(?:Approve\?|\d+ actions to approve:)/;
export const QUESTION = /^Question: /;

/** Gives `/agent` a goal; resolves with the run's id and its card, once its plan waits. */
export async function startWaitingRun(
  workspace: Workspace,
  user: string,
  channel: string,
  goal: string,
): Promise<{ shortId: string; card: Message }> {
  const shortId = await startRun(workspace, user, channel, goal);
  const { ts } = await cardOf(workspace, channel, shortId, WAITING);
  // The buttons of a card come when the rest of a long plan or goal is in the thread.
  const card = await workspace.waitFor(
    () =>
      workspace
        .messages(channel)
        .find((message) => message.ts === ts && buttonsOf(message).includes('Approve')),
    { what: `the buttons of run ${shortId}` },
  );
  return { shortId, card };
}

/** Approves a plan as its last approver; resolves with its card once the run is done. */
export async function approveToTheEnd(
  workspace: Workspace,
  user: string,
  channel: string,
  { shortId, card }: { shortId: string; card: Message },
): Promise<Message> {
  await workspace.as(user).click(card, 'Approve');
  return await cardOf(workspace, channel, shortId, /^Done/);
}

/** A private message of the app to a person, ephemeral or direct, once its text matches. */
export function toldPrivately(workspace: Workspace, user: string, text: RegExp): Promise<Message> {
  return workspace.waitFor(() => workspace.privateWords(user).find((message) => text.test(message.text)), {
    what: `${text} for ${user}`,
  });
}

/** Clicks a button that opens a form; resolves with the form. Fails with the text that the person is told instead. */
export async function openForm(
  workspace: Workspace,
  user: string,
  card: Message,
  label: string,
): Promise<View> {
  const before = new Set(workspace.privateWords(user).map(({ ts }) => ts));
  const done = await workspace.as(user).click(card, label);
  if (!done.ok) throw new Error(`The click on ${label} failed: ${done.error}`);
  return await workspace.waitFor(
    () => {
      const [form] = workspace.openViews(user);
      const told = workspace.privateWords(user).find(({ ts }) => !before.has(ts));
      if (!form && told) throw new Error(`No form of ${label}: ${told.text}`);
      return form;
    },
    { what: `the form of ${label}` },
  );
}

/** The buttons of a card that waits. */
export const DECISION = ['Approve', 'Reject', 'Request changes', 'Edit plan | Extend | Details'];

interface Label {
  text: string;
}

/** Id of the block with the buttons of one of several actions in a message: the one that shows these words. */
export function blockOf(message: Message, words: string): string {
  const blocks = message.blocks ?? [];
  const at = blocks.findIndex((block) => block.type === 'rich_text' && JSON.stringify(block).includes(words));
  const { block_id: id } = blocks.slice(at).find(({ type }) => type === 'actions') ?? {};
  if (at < 0 || id === undefined) throw new Error(`No action in the message says ${words}`);
  return id;
}

/** The labels of a message's buttons; the entries of a menu stand together. */
export function buttonsOf(message: Message): string[] {
  return (message.blocks ?? [])
    .filter((block) => block.type === 'actions')
    .flatMap((block) => block.elements as { text?: Label; options?: { text: Label }[] }[])
    .map(({ text, options = [] }) => text?.text ?? options.map((entry) => entry.text.text).join(' | '));
}

/** The messages in a person's direct message with the app that are about a run. */
export function directMessages(workspace: Workspace, user: string, shortId: string): Message[] {
  const channels = [...new Set(workspace.requests.map(({ args }) => String(args.channel ?? '')))];
  return channels
    .filter((channel) => channel.startsWith('D'))
    .flatMap((channel) => workspace.messages(channel))
    .filter((message) => workspace.members(message.channel).includes(user))
    .filter((message) => JSON.stringify(message.blocks ?? '').includes(shortId));
}

/** Extends a plan by the form of its card. */
export async function extend(
  workspace: Workspace,
  user: string,
  card: Message,
  label: string,
): Promise<void> {
  const form = await openForm(workspace, user, card, 'Extend');
  await workspace.as(user).submit(form.id, { extension: label });
}

/** End of the run's chain in the ledger, as a finished card keeps it for Details. */
export function keptHead({ blocks = [] }: Message): { sequence: number; hash: string } | undefined {
  const found = /"value":"({[^}]*head[^}]*}})"/.exec(JSON.stringify(blocks).replaceAll('\\"', '"'))?.[1];
  return found === undefined ? undefined : JSON.parse(found).head;
}

/** All the text in a message's blocks. */
export function wordsOf(message: Message | undefined): string {
  const words: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) walk(part);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        if (key === 'text' && typeof part === 'string') words.push(part);
        else walk(part);
      }
    }
  };
  walk(message?.blocks ?? []);
  return words.join(' ');
}
