import assert from 'node:assert/strict';
import type { Message, Workspace } from '../../../sandbox/workspace/index.js';

/** Checks all that the app has posted and shown: each text has blocks, and Slack makes links of no bare address or name in them. */
export function assertVerbatim(workspace: Workspace): void {
  const people = Object.values(workspace.people);
  const messages = [
    ...Object.values(workspace.channels).flatMap((channel) => workspace.messages(channel)),
    ...people.flatMap((person) => workspace.privateWords(person)),
  ].filter(isOurs);
  for (const message of messages) {
    assert.ok(message.blocks, `Slack parses the text of a message without blocks: ${message.text}`);
    assertBlocks(message.blocks);
  }
  for (const person of people)
    for (const view of [...workspace.openViews(person), workspace.home(person)]) assertBlocks(view?.blocks);

  function isOurs({ user, subtype, files, fromSlackbot }: Message): boolean {
    return user === workspace.botUser && !subtype && !files && !fromSlackbot;
  }
}

function assertBlocks(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && value.type === 'mrkdwn')
    assert.equal('verbatim' in value && value.verbatim, true, JSON.stringify(value));
  for (const part of Object.values(value)) assertBlocks(part);
}
