import { setTimeout as delay } from 'node:timers/promises';
import type { KnownBlock } from '@slack/types';
import { toRemoteError } from '../../slack/client/web/failures.js';
import { readGroup } from '../../slack/permissions/directory.js';
import { askWorkspaces } from '../../slack/permissions/workspaces.js';
import type { Scratch } from './scratch.js';

/** Result of a trial: `did` says how Slack acted. `WRONG`: the service relies on something that isn't so. `note`: the service copes with either. */
export interface Finding {
  verdict: 'ok' | 'note' | 'WRONG';
  did: string;
}

export interface Trial {
  /** A fact that the service relies on, or would like to know. */
  what: string;
  run(scratch: Scratch): Promise<Finding>;
}

/** Longest wait for a file to show in its thread, in milliseconds. After that the service posts messages instead. */
const FILE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 500;

const ok = (did: string): Finding => ({ verdict: 'ok', did });
const note = (did: string): Finding => ({ verdict: 'note', did });
const wrong = (did: string): Finding => ({ verdict: 'WRONG', did });

const section = (text: string): KnownBlock => ({
  type: 'section',
  block_id: 'trial',
  text: { type: 'mrkdwn', text, verbatim: true },
});
const richText = (text: string): KnownBlock => ({
  type: 'rich_text',
  block_id: 'trial',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});
const cell = (text: string) => ({ type: 'raw_text' as const, text });

export const TRIALS: Trial[] = [
  {
    what: 'a message is posted as it was sent: addresses and names stay text',
    async run(scratch) {
      const text = 'countersign doctor: https://example.com #general, deleted in a moment';
      const { blocks } = await scratch.post('countersign doctor', { blocks: [section(text)] });
      const [first] = blocks as { text?: { text?: string } }[];
      const shown = first?.text?.text;
      return shown === text ? ok('posted, nothing became a link') : wrong(`Slack made "${shown}" of it`);
    },
  },
  {
    what: 'a message is found by its metadata at once, so that a retry posts nothing twice',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: to be found');
      const afterMs = await waitUntil(5_000, () => isListed(scratch, ts));
      if (afterMs === undefined) return wrong('not found in the history within 5 s');
      if (afterMs < LOOK_EVERY_MS) return ok('found at once');
      return note(`found after ${afterMs} ms: a retry before that would post again`);
    },
  },
  {
    what: 'a message is updated in its place',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: before', { blocks: [section('before')] });
      const update = { channel: scratch.channel, ts, text: 'after', blocks: [section('after')] };
      const { ts: same, message } = await scratch.client.chat.update(update);
      if (same !== ts) return wrong(`the update has another ts: ${same}`);
      const edited = message && 'edited' in message && message.edited;
      return ok(`updated, ${edited ? 'marked as edited' : 'not marked as edited'}`);
    },
  },
  {
    what: 'an update with a text of more than 4,000 characters',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: short');
      const { channel, client } = scratch;
      const refusal = await refusalOf(() => client.chat.update({ channel, ts, text: 'x '.repeat(2_500) }));
      return note(refusal ? `refused: ${refusal}` : 'taken');
    },
  },
  {
    what: 'an update that replaces rich text by another kind of block',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: rich', { blocks: [richText('rich')] });
      const { channel, client } = scratch;
      const update = { channel, ts, text: 'plain', blocks: [section('plain')] };
      const refusal = await refusalOf(() => client.chat.update(update));
      return note(refusal ? `refused: ${refusal}` : 'taken');
    },
  },
  {
    what: 'a plan with task cards is posted and updated',
    async run(scratch) {
      const plan = (status: 'pending' | 'complete'): KnownBlock[] => [
        { type: 'plan', title: 'Plan', tasks: [{ type: 'task_card', task_id: 't', title: 'Step', status }] },
      ];
      const { ts } = await scratch.post('countersign doctor: plan', { blocks: plan('pending') });
      const { channel, client } = scratch;
      await client.chat.update({ channel, ts, text: 'plan', blocks: plan('complete') });
      return ok('posted and updated');
    },
  },
  {
    what: 'a table stands between other blocks',
    async run(scratch) {
      const table: KnownBlock = {
        type: 'table',
        rows: [
          [cell('a'), cell('b')],
          [cell('1'), cell('2')],
        ],
      };
      const blocks = [section('before'), table, { type: 'divider' } as const];
      await scratch.post('countersign doctor: table', { blocks });
      return ok('posted');
    },
  },
  {
    what: 'a reply goes into its thread',
    async run(scratch) {
      const root = await scratch.post('countersign doctor: thread');
      const reply = await scratch.post('countersign doctor: reply', { thread: root.ts });
      if (reply.thread !== root.ts) return wrong(`Slack put it into the thread ${reply.thread}`);
      return (await isListed(scratch, reply.ts, root.ts)) ? ok('in the thread') : wrong('not in the thread');
    },
  },
  {
    what: `a file shows in its thread within ${FILE_WITHIN_MS / 1000} s`,
    async run(scratch) {
      const root = await scratch.post('countersign doctor: a file follows');
      const id = await scratch.upload(root.ts);
      const afterMs = await waitUntil(FILE_WITHIN_MS, () => scratch.isShown(id, root.ts));
      return afterMs === undefined ? wrong('it did not') : ok(`shown ${afterMs} ms after the upload`);
    },
  },
  {
    what: 'a reply under a deleted message is told from one in its thread',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: to be deleted');
      await scratch.delete(ts);
      try {
        const reply = await scratch.post('countersign doctor: reply to what is gone', { thread: ts });
        if (reply.thread === ts) return wrong('Slack says that it is in the thread of the deleted message');
        return ok('posted at the top level, and the answer names no thread');
      } catch (error) {
        return ok(`refused: ${toRemoteError('', error).code}`);
      }
    },
  },
  {
    what: 'a deleted message with replies is told from one that is there',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: deleted with a reply');
      await scratch.post('countersign doctor: its reply', { thread: ts });
      await scratch.delete(ts);
      const { channel, client } = scratch;
      try {
        const { messages = [] } = await client.conversations.replies({ channel, ts });
        const root = messages.find((message) => message.ts === ts) as { subtype?: string } | undefined;
        if (!root) return ok('gone');
        return root.subtype === 'tombstone' ? ok('left as a tombstone') : wrong('still listed as before');
      } catch (error) {
        return ok(`gone: ${toRemoteError('', error).code}`);
      }
    },
  },
  {
    what: 'an update of a deleted message is refused',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: deleted before an update');
      await scratch.delete(ts);
      const { channel, client } = scratch;
      const refusal = await refusalOf(() => client.chat.update({ channel, ts, text: 'too late' }));
      return refusal === 'message_not_found' ? ok(refusal) : wrong(refusal ?? 'taken');
    },
  },
  {
    what: 'a message has a link',
    async run(scratch) {
      const { ts } = await scratch.post('countersign doctor: link');
      const { channel, client } = scratch;
      const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
      return permalink ? ok(permalink) : note('none: texts name the message without a link');
    },
  },
  {
    what: 'a user group is looked up',
    async run({ client }) {
      const group = await askWorkspaces(client, async (workspace) => {
        const { usergroups = [] } = await client.usergroups.list({ ...workspace });
        return usergroups[0];
      });
      if (!group?.id) return note('there is none: a policy can name people only');
      const users = await readGroup(client, group.id);
      return ok(`@${group.handle} has ${users.length} members`);
    },
  },
];

/** Slack's error code for a call that it refuses. Throws what isn't Slack's refusal. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const refusal = toRemoteError('', error);
    if (refusal.retryable) throw refusal;
    return refusal.code;
  }
}

/** Looks until there is something, and returns how long that took, in milliseconds. */
async function waitUntil(withinMs: number, look: () => Promise<boolean>): Promise<number | undefined> {
  const began = Date.now();
  for (;;) {
    const at = Date.now() - began;
    if (await look()) return at;
    if (Date.now() - began > withinMs) return undefined;
    await delay(LOOK_EVERY_MS);
  }
}

/** True if a channel or thread lists a message with the metadata of this trial. */
async function isListed({ client, channel, key, startedAt }: Scratch, ts: string, thread?: string) {
  const window = { channel, oldest: startedAt.toFixed(6), include_all_metadata: true, limit: 100 };
  const { messages = [] } = thread
    ? await client.conversations.replies({ ts: thread, ...window })
    : await client.conversations.history(window);
  const found = messages.find((message) => message.ts === ts);
  const payload: { key?: unknown } = found?.metadata?.event_payload ?? {};
  return payload.key === key;
}
