import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Action } from '../../sandbox/page/state/actions.js';
import { completionsFor } from '../../sandbox/page/state/completions.js';
import { initialState, type PageState } from '../../sandbox/page/state/page-state.js';
import { reduce } from '../../sandbox/page/state/reduce.js';
import { sessionIn, takesMessages, unreadIn } from '../../sandbox/page/state/selectors.js';
import { formatDate } from '../../sandbox/page/text/date.js';
import { emojiOf } from '../../sandbox/page/text/emoji.js';
import { linkBare, parseMrkdwn } from '../../sandbox/page/text/parse-mrkdwn.js';
import { sizeOf } from '../../sandbox/page/text/size.js';
import type { Channel, Message, Snapshot } from '../../sandbox/workspace/protocol.js';

const person = (id: string, isBot = false) => ({
  id,
  name: id.toLowerCase(),
  realName: id,
  color: '#000',
  isBot,
  tz: 'Etc/UTC',
});
const message = (own: Partial<Message>): Message => ({
  channel: 'C1',
  ts: '100.000000',
  user: 'UBOT',
  text: 'text',
  replyCount: 0,
  replyUsers: [],
  reactions: [],
  ...own,
});
const snapshot = (messages: Message[] = []): Snapshot => ({
  team: { id: 'T1', name: 'Team' },
  app: { name: 'App', botUser: 'UBOT', takesMessages: true, canStop: true },
  people: [person('UANA'), person('UBEN'), person('UBOT', true)],
  userGroups: [],
  channels: [
    {
      id: 'C1',
      name: 'general',
      kind: 'public',
      topic: '',
      members: ['UANA', 'UBEN', 'UBOT'],
      isArchived: false,
    },
    { id: 'C2', name: 'secret', kind: 'private', topic: '', members: ['UBEN'], isArchived: false },
  ],
  messages,
  away: [],
  commands: [],
  read: {},
  connected: true,
  notices: { model: 'simulated' },
  whatIfs: [],
  suggestedGoals: [],
  sessions: [],
  queued: [],
  suggestions: {},
});
const after = (...actions: Action[]): PageState =>
  actions.reduce(
    reduce,
    reduce(initialState('', 'auto'), { type: 'event', event: { type: 'snapshot', snapshot: snapshot() } }),
  );
const arrives = (own: Partial<Message>): Action => ({
  type: 'event',
  event: { type: 'message', message: message(own) },
});

describe('the page', () => {
  it('opens in the first channel, as the first person', () => {
    const state = after();
    assert.equal(state.me, 'UANA');
    assert.deepEqual(state.place, { kind: 'channel', channel: 'C1' });
  });

  it('replaces an edited message in place, and keeps the order of time', () => {
    const state = after(
      arrives({ ts: '102.0' }),
      arrives({ ts: '101.0' }),
      arrives({ ts: '102.0', text: 'edited' }),
    );
    assert.deepEqual(
      state.workspace?.messages.C1?.map(({ ts, text }) => [ts, text]),
      [
        ['101.0', 'text'],
        ['102.0', 'edited'],
      ],
    );
  });

  it('opens the thread by itself when the answer to one’s own click lands there', () => {
    const click: Action = {
      type: 'clicked',
      element: 'e',
      container: 'c',
      thread: { channel: 'C1', ts: '100.000000' },
    };
    const mine = after(arrives({}), click, arrives({ ts: '101.0', threadTs: '100.000000' }));
    assert.deepEqual(mine.thread, { channel: 'C1', ts: '100.000000' });
    const another = after(arrives({}), arrives({ ts: '101.0', threadTs: '100.000000' }));
    assert.equal(another.thread, undefined);
  });

  it('keeps the ephemeral messages over a new connection, which a reload loses', () => {
    const whisper = { ts: '102.0', onlyFor: 'UANA' };
    const again: Action = { type: 'event', event: { type: 'snapshot', snapshot: snapshot() } };
    const state = after(arrives({ ts: '101.0' }), arrives(whisper), again);
    assert.deepEqual(
      state.workspace?.messages.C1?.map(({ ts }) => ts),
      ['102.0'],
    );
  });

  it('shows who is away', () => {
    const presence = (isAway: boolean): Action => ({
      type: 'event',
      event: { type: 'presence', person: 'UBEN', isAway },
    });
    assert.deepEqual(after(presence(true), presence(true)).workspace?.away, ['UBEN']);
    assert.deepEqual(after(presence(true), presence(false)).workspace?.away, []);
  });

  it('never wipes a note that somebody is typing when the card changes', () => {
    const input = {
      type: 'input',
      block_id: 'note',
      element: { type: 'plain_text_input', action_id: 'text' },
    };
    const typed: Action = {
      type: 'typed',
      container: 'UANA|C1:100.000000',
      blockId: 'note',
      actionId: 'text',
      value: { type: 'plain_text_input', value: 'half a sen' },
    };
    const state = after(
      arrives({ blocks: [input] }),
      typed,
      arrives({ blocks: [{ type: 'divider' }, input] }),
    );
    assert.deepEqual(state.typed['UANA|C1:100.000000']?.note?.text, {
      type: 'plain_text_input',
      value: 'half a sen',
    });
    const gone = reduce(state, arrives({ blocks: [{ type: 'divider' }] }));
    assert.deepEqual(gone.typed['UANA|C1:100.000000'], {});
  });

  it('never wipes what somebody is typing into a message of a thread', () => {
    const reason = {
      type: 'input',
      block_id: 'reason',
      element: { type: 'plain_text_input', action_id: 'text' },
    };
    const reply = { ts: '101.000000', threadTs: '100.000000' };
    const state = after(
      arrives({}),
      arrives({ ...reply, blocks: [reason] }),
      {
        type: 'typed',
        container: 'UBEN|C1:101.000000',
        blockId: 'reason',
        actionId: 'text',
        value: { type: 'plain_text_input', value: 'because' },
      },
      arrives({ ...reply, edited: { ts: '102.0' }, blocks: [{ type: 'divider' }, reason] }),
      arrives({ ts: '103.000000', threadTs: '100.000000' }),
    );
    assert.equal(JSON.stringify(state.typed['UBEN|C1:101.000000']).includes('because'), true);
  });

  it('opens the thread by itself in which somebody asked the app', () => {
    const asked = arrives({ user: 'UANA', text: '<@UBOT> go on' });
    const answered = after(asked, arrives({ ts: '101.0', threadTs: '100.000000' }));
    assert.deepEqual(answered.thread, { channel: 'C1', ts: '100.000000' });
    const others = after(
      { type: 'actAs', person: 'UBEN' },
      asked,
      arrives({ ts: '101.0', threadTs: '100.0' }),
    );
    assert.equal(others.thread, undefined);
  });

  it('knows a service that is down from one that has not come up yet', () => {
    const connected = (is: boolean): Action => ({
      type: 'event',
      event: { type: 'connected', connected: is },
    });
    const starting = reduce(initialState('', 'auto'), {
      type: 'event',
      event: { type: 'snapshot', snapshot: { ...snapshot(), connected: false } },
    });
    assert.equal(starting.wasConnected, false);
    assert.equal([connected(true), connected(false)].reduce(reduce, starting).wasConnected, true);
  });

  it('completes commands at the start, and names after an @', () => {
    const { workspace } = after();
    assert.ok(workspace);
    const commands = [{ command: '/agent', description: '', usageHint: '<goal>' }];
    const suggested = (text: string, inThread = false) =>
      completionsFor({ ...workspace, commands }, text, text.length, inThread).items.map(
        ({ insert }) => insert,
      );
    assert.deepEqual(suggested('/a'), ['/agent ']);
    assert.deepEqual(suggested('/a', true), [], 'Slack takes no command in a thread');
    assert.deepEqual(suggested('ask @u'), ['@ubot ', '@uana ', '@uben ']);
    assert.deepEqual(suggested('ask @ubo', true), ['@ubot ']);
    assert.deepEqual(suggested('ask @ubot'), [], 'Enter sends what is complete');
    assert.deepEqual(suggested('a@u'), []);
    assert.equal(completionsFor(workspace, 'ask @ub, please', 7, false).start, 4);
  });

  it('says how large a file is as people do', () => {
    assert.deepEqual([0, 999, 1000, 12_345, 3_400_000, 20_000_000].map(sizeOf), [
      '0 B',
      '999 B',
      '1 kB',
      '12 kB',
      '3.4 MB',
      '20 MB',
    ]);
  });

  it('leaves a private channel when the next person may not be there', () => {
    const state = after(
      { type: 'actAs', person: 'UBEN' },
      { type: 'go', place: { kind: 'channel', channel: 'C2' } },
      { type: 'actAs', person: 'UANA' },
    );
    assert.deepEqual(state.place, { kind: 'channel', channel: 'C1' });
  });

  it('counts what is unread: a mention counts, a message by oneself does not', () => {
    const state = after(
      arrives({ ts: '101.0', text: 'for <@UANA>' }),
      arrives({ ts: '102.0' }),
      arrives({ ts: '103.0', user: 'UANA' }),
    );
    const channel = state.workspace?.channels.C1;
    assert.ok(channel);
    assert.deepEqual(unreadIn(state, channel), { any: true, count: 1 });
    const read = reduce(state, {
      type: 'event',
      event: { type: 'read', person: 'UANA', channel: 'C1', ts: '103.0' },
    });
    assert.deepEqual(unreadIn(read, channel), { any: false, count: 0 });
  });
});

describe('the app’s direct message on the page', () => {
  const dm: Channel = {
    ...{ id: 'D1', name: 'UANA', kind: 'im', topic: '' },
    ...{ members: ['UANA', 'UBOT'], isArchived: false },
  };
  const opened: Action = { type: 'event', event: { type: 'channel', channel: dm } };
  const asked = arrives({ channel: 'D1', user: 'UANA', ts: '101.0' });
  const answered = arrives({ channel: 'D1', ts: '102.0', threadTs: '101.0' });

  it('is unread while nobody has opened it, and opens the thread in which a message is answered', () => {
    const elsewhere = after(opened, asked, answered);
    assert.equal(elsewhere.thread, undefined);
    assert.deepEqual(unreadIn(elsewhere, dm), { any: true, count: 1 });
    const messages: Action = { type: 'go', place: { kind: 'app', tab: 'messages' } };
    const here = after(opened, messages, asked, answered);
    assert.deepEqual(here.thread, { channel: 'D1', ts: '101.0' });
    assert.equal(unreadIn(here, dm).count, 0);
  });

  it('says how the app’s session in a thread stands, and takes no messages where the app takes none', () => {
    const session = { channel: 'D1', thread: '101.0', status: 'processing' as const };
    const says = (own: object): Action => ({
      type: 'event',
      event: { type: 'session', session: { ...session, ...own } },
    });
    const { workspace } = after(opened, says({ words: 'is researching…' }), says({ status: 'suspended' }));
    assert.ok(workspace);
    assert.deepEqual(sessionIn(workspace, { channel: 'D1', ts: '101.0' }), {
      ...session,
      status: 'suspended',
    });
    assert.equal(workspace.sessions.length, 1);
    assert.equal(takesMessages(workspace, dm), true);
    const closed = { ...workspace, app: { ...workspace.app, takesMessages: false } };
    assert.equal(takesMessages(closed, dm), false);
    const [general] = Object.values(closed.channels);
    assert.ok(general && takesMessages(closed, general));
  });
});

describe('text in mrkdwn', () => {
  it('is read as Slack reads it', () => {
    assert.deepEqual(parseMrkdwn('*b* _i_ ~s~ `c` <@U1> <#C1|x> <https://a.example|l> :tada: a &lt;b&gt;'), [
      {
        type: 'text',
        lines: [
          [
            { type: 'bold', children: [{ type: 'text', text: 'b' }] },
            { type: 'text', text: ' ' },
            { type: 'italic', children: [{ type: 'text', text: 'i' }] },
            { type: 'text', text: ' ' },
            { type: 'strike', children: [{ type: 'text', text: 's' }] },
            { type: 'text', text: ' ' },
            { type: 'code', text: 'c' },
            { type: 'text', text: ' ' },
            { type: 'user', id: 'U1', label: '' },
            { type: 'text', text: ' ' },
            { type: 'channel', id: 'C1', label: 'x' },
            { type: 'text', text: ' ' },
            { type: 'link', url: 'https://a.example', label: 'l' },
            { type: 'text', text: ' ' },
            { type: 'emoji', name: 'tada' },
            { type: 'text', text: ' a <b>' },
          ],
        ],
      },
    ]);
  });

  it('knows quotes, lists and code that spans lines', () => {
    const kinds = parseMrkdwn('one\n> two\n• three\n```four\nfive```').map(({ type }) => type);
    assert.deepEqual(kinds, ['text', 'quote', 'bullet', 'pre']);
    assert.deepEqual(parseMrkdwn('snake_case_name and 2*3*4'), [
      { type: 'text', lines: [[{ type: 'text', text: 'snake_case_name and 2*3*4' }]] },
    ]);
  });

  it('gets links for bare addresses and names of channels, but not in code', () => {
    const link = (text: string) => linkBare(text, (name) => (name === 'general' ? 'C1' : undefined));
    assert.equal(link('see https://a.example/x.'), 'see <https://a.example/x>.');
    assert.equal(link('ask in #general, not #nowhere'), 'ask in <#C1>, not #nowhere');
    const kept = '`https://a.example` ```#general``` <https://a.example|l> <#C1> &#general';
    assert.equal(link(kept), kept);
  });

  it('shows a moment in the reader’s own words', () => {
    const noon = Date.UTC(2026, 10, 24, 12) / 1000;
    const now = new Date(noon * 1000);
    assert.match(formatDate(noon, '{date_short_pretty} at {time}', now), /^today at \d+:00/);
    assert.equal(formatDate(noon + 10 * 86_400, '{date_num}', now), '2026-12-04');
    assert.match(formatDate(noon, '{date_long_pretty} at {time}', now), /^today at /);
    assert.equal(formatDate(noon - 2 * 86_400, '{date_long_pretty}', now), 'Sunday, November 22nd, 2026');
  });
});

describe('the emoji of our own messages', () => {
  const sources = readdirSync('src/slack', { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('src/slack', file), 'utf8'));
  const used = new Set(
    sources.flatMap((source) => [...source.matchAll(/:([a-z][a-z_0-9]+):/g)].map(([, name]) => name)),
  );

  it('are all drawn', () => {
    assert.ok(used.size > 10);
    for (const name of used) assert.notEqual(emojiOf(name ?? ''), `:${name}:`, name);
  });
});
