import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, Workspace } from '../../../sandbox/workspace/index.js';
import type { PostOnce } from '../../../src/activities/ports.js';
import type { Decision } from '../../../src/approval/decision.js';
import type { ApprovalPolicy } from '../../../src/approval/policy.js';
import type { RemoteError } from '../../../src/platform/errors.js';
import type { DecisionMessage, MessageRef, PrivateMessage, ThreadMessage } from '../../../src/run/message.js';
import type { RequestMessage } from '../../../src/run/request.js';
import { Uploads } from '../../../src/slack/client/files/uploads.js';
import { createMessenger } from '../../../src/slack/client/messenger.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { requestMessage } from '../../../src/slack/messages/request/request-message.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import { cardWith, progressCard, waiting, waitMessage } from '../../support/cards.js';
import { questionMessage, toolMessage } from '../../support/requests.js';
import { decision, plan, policyWith, verdict } from '../../support/samples.js';
import { openMessenger } from '../../support/slack/open-messenger.js';
import { buttonsOf, wordsOf } from '../../support/slack/people.js';

let workspace: Workspace;
let messenger: ReturnType<typeof createMessenger>;
let client: ReturnType<typeof createWebClient>;
let takesFiles = false;
openMessenger(
  async (opened) => {
    ({ workspace, client, messenger } = opened);
    const probe = client.files.getUploadURLExternal({ filename: 'probe.txt', length: 1 });
    takesFiles = await probe.then(
      () => true,
      () => false,
    );
  },
  { shareFilesAfterMs: 300 },
);

let keys = 0;
const newKey = () => {
  keys += 1;
  return `key/${keys}`;
};
const general = () => workspace.channels.general;
const people = () => workspace.people;
const me = () => ({ team: workspace.team.id, user: people().ana });

/** A card in the channel, or in a thread that somebody began there. */
function newCard(thread?: string): Promise<MessageRef> {
  const card = cardWith(waiting());
  return messenger.postCard({ channel: general(), card, ...(thread && { thread }) }, { key: newKey() });
}

const postUnder = (thread: MessageRef, message: ThreadMessage) =>
  messenger.postInThread({ thread, message }, { key: newKey() });
const remind = (
  thread: MessageRef,
  message: DecisionMessage,
  {
    at = thread,
    key = newKey(),
    from = messenger,
  }: { at?: MessageRef; key?: string; from?: typeof messenger } = {},
) => from.remindApprovers({ purpose: 'reminder', thread, message, at }, { key });
const notify = (
  message: DecisionMessage,
  at: MessageRef,
  { key = newKey(), from = messenger }: { key?: string; from?: typeof messenger } = {},
) => from.notifyApprovers({ message, at, sent: [] }, { key });

const inThread = (ts: string): Message[] => workspace.thread(general(), ts);
const messageAt = (ref: MessageRef) => workspace.messages(ref.channel).find(({ ts }) => ts === ref.ts);
const LONG = { content: `${'A line of the file. '.repeat(2_000)}the end` };

/** A message's files, as the app may read them. */
async function filesOf(message: Message | undefined): Promise<{ name: string; text: string }[]> {
  const { files = [] } = (message ?? {}) as { files?: { id: string; name: string }[] };
  const headers = { authorization: `Bearer ${workspace.credentials.botToken}` };
  return Promise.all(
    files.map(async ({ id, name }) => {
      const answer = await fetch(`${workspace.url}files/${id}/${name}`, { headers });
      return { name, text: await answer.text() };
    }),
  );
}

it('finds a post that was still on its way when its process died', async () => {
  const card = await newCard();
  const key = newKey();
  const input = { thread: card, message: progressCard() };
  workspace.faults.inject({ kind: 'slow', method: 'chat.postMessage', delayMs: 500 });
  const dead = messenger.postInThread(input, { key });
  const lookSince = Date.now() - 1_000;
  const ref = await messenger.postInThread(input, { key, lookSince, lookAgainAt: Date.now() + 1_500 });
  assert.deepEqual(ref, await dead);
  assert.equal(inThread(card.ts).length, 1);
});

describe('under a run’s card', () => {
  const messages: [string, ThreadMessage][] = [
    ['a tool call', toolMessage()],
    ['a question', questionMessage()],
    ['the progress', progressCard()],
    ['a wait for the model', waitMessage()],
  ];
  for (const [what, message] of messages) {
    it(`stands ${what} once, though the answer to its post was lost`, async () => {
      const card = await newCard();
      const key = newKey();
      const since = Date.now();
      workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
      const input = { thread: card, message };
      await assert.rejects(messenger.postInThread(input, { key }));
      const ref = await messenger.postInThread(input, { key, lookSince: since - 1_000 });
      assert.deepEqual(ref, { channel: general(), ts: inThread(card.ts)[0]?.ts, thread: card.ts });
      assert.equal(inThread(card.ts).length, 1);
    });
  }

  it('a tool call loses its buttons when it is decided, and says by whom', async () => {
    const card = await newCard();
    const ref = await postUnder(card, toolMessage());
    assert.deepEqual(buttonsOf(messageAt(ref) as Message), [
      'Approve',
      'Reject',
      'Edit',
      'Exact input',
      'Always allow write_file of filesystem in this run',
    ]);
    const outcome = verdict({ kind: 'reject', note: 'wrong file' });
    await messenger.updateInThread({ ref, message: toolMessage({ outcome }) });
    assert.deepEqual(buttonsOf(messageAt(ref) as Message), []);
    assert.match(wordsOf(messageAt(ref)), /wrong file.*Rejected by <@UANA>/);
  });

  it('the progress is one message that changes', async () => {
    const card = await newCard();
    const ref = await postUnder(card, progressCard());
    await messenger.updateInThread({ ref, message: progressCard({ state: 'done' }) });
    assert.equal(inThread(card.ts).length, 1);
    assert.match(messageAt(ref)?.text ?? '', /Done/);
  });
});

describe('a thread whose root is gone', () => {
  const rootMessages = () => workspace.messages(general()).filter(({ threadTs }) => !threadTs);
  const since = () => Date.now() - 1_000;
  /** A thread's root, deleted before anybody answered. */
  async function deletedRoot(): Promise<MessageRef> {
    const root = await workspace.as(people().ana).send(general(), 'Never mind');
    workspace.deleteMessage(root);
    return { channel: general(), ts: root.ts };
  }
  const threadsAsked = (from: number) =>
    workspace.requests
      .slice(from)
      .flatMap(({ method, args }) => (method === 'chat.postMessage' ? [args.thread_ts] : []));

  it('leaves the card in the channel, where it is found', async () => {
    const card = await newCard((await deletedRoot()).ts);
    assert.equal(card.thread, undefined);
    assert.equal(await messenger.findCardLoss(card), undefined);
    await postUnder(card, toolMessage());
    assert.equal(inThread(card.ts).length, 1, 'the rest goes under it');
  });

  it('gets a post once, though the answer to it was lost, and is asked for no second time', async () => {
    const thread = await deletedRoot();
    const known = rootMessages().length;
    for (const post of [
      (once: { key: string; lookSince?: number }) =>
        messenger.postCard({ channel: general(), thread: thread.ts, card: cardWith(waiting()) }, once),
      (once: { key: string; lookSince?: number }) =>
        messenger.postInThread({ thread, message: toolMessage() }, once),
    ]) {
      const key = newKey();
      workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
      await assert.rejects(post({ key }));
      const lookSince = since();
      const from = workspace.requests.length;
      const ref = await post({ key, lookSince });
      assert.deepEqual(ref, { channel: general(), ts: rootMessages().at(-1)?.ts });
      await post({ key: newKey(), lookSince });
      assert.deepEqual(threadsAsked(from), [undefined]);
    }
    assert.equal(rootMessages().length, known + 4);
  });

  it('gets no more than the first of several messages into the channel', async () => {
    const thread = await deletedRoot();
    const known = rootMessages().length;
    workspace.faults.inject({
      ...{ kind: 'refuse', error: 'missing_scope', method: 'files.getUploadURLExternal', times: 10 },
    });
    const text = 'A sentence of the result. '.repeat(4_000);
    const first = await messenger.postResult(
      { thread, shortId: 'abcd2345', requester: me(), title: 'A run', text },
      { key: newKey() },
    );
    assert.deepEqual(
      rootMessages()
        .slice(known)
        .map(({ ts }) => ts),
      [first.ts],
    );
    assert.ok(inThread(first.ts).length > 1);
    const ref = await postUnder(thread, toolMessage({}, { input: LONG }));
    assert.equal(
      rootMessages().length,
      known + 2,
      'the parts of the arguments, with the call under the first',
    );
    assert.equal(ref.thread, rootMessages().at(-1)?.ts);
  });

  it('tells where a reminder landed', async () => {
    const { posted } = await remind(await deletedRoot(), cardWith(waiting()));
    assert.deepEqual(posted, { channel: general(), ts: rootMessages().at(-1)?.ts });
  });
});

describe('a card that somebody deletes', () => {
  it('is lost when replies keep its place as “This message was deleted”', async () => {
    const card = await newCard();
    await postUnder(card, progressCard());
    workspace.deleteMessage(card);
    assert.equal(messageAt(card)?.subtype, 'tombstone');
    assert.equal(await messenger.findCardLoss(card), 'deleted');
  });

  it('is lost with its thread when nothing but that is left of the thread’s root', async () => {
    const root = await workspace.as(people().ana).send(general(), 'And who asks?');
    const card = await newCard(root.ts);
    await postUnder(card, progressCard());
    workspace.deleteMessage(root);
    assert.equal(await messenger.findCardLoss(card), undefined, 'the card is still there');
    workspace.deleteMessage(card);
    assert.equal(await messenger.findCardLoss(card), 'thread_not_found');
  });

  for (const what of ['its long plan', 'the comparison with the revision before'] as const) {
    it(`while ${what} is posted under it is posted again, whole, and leaves nothing in the channel`, async () => {
      const isLong = what === 'its long plan';
      const steps = [{ title: 'Read', detail: 'word '.repeat(isLong ? 8_000 : 1) }];
      const planned = { plan: { ...plan, steps }, revision: 2, digest: 'd' };
      const card = cardWith(waiting(), { planned });
      const input = {
        channel: general(),
        card,
        ...(!isLong && { previous: { plan, revision: 1, digest: 'c' } }),
      };
      const once = { key: newKey() };
      const roots = () => workspace.messages(general()).filter(({ threadTs }) => !threadTs);
      const known = roots().length;
      workspace.faults.inject({ kind: 'slow', delayMs: 1, method: 'chat.postMessage' });
      workspace.faults.inject({ kind: 'slow', delayMs: 300, method: 'chat.postMessage' });
      const posting = messenger.postCard(input, once);
      const first = await workspace.waitFor(() => roots()[known], { what: 'the card' });
      workspace.deleteMessage(first);
      await assert.rejects(posting, { code: 'card_deleted', retryable: true });
      assert.equal(roots().length, known, 'nothing is left');
      const ref = await messenger.postCard(input, { ...once, lookSince: Date.now() - 5_000 });
      assert.deepEqual(
        roots()
          .slice(known)
          .map(({ ts }) => ts),
        [ref.ts],
      );
      assert.ok(inThread(ref.ts).length > 0);
    });
  }
});

describe('a run that was asked for in a thread', () => {
  it('has its card, its long plan, its tool calls, its reminders and its result in that thread', async () => {
    const root = await workspace.as(people().ana).send(general(), 'What about the release notes?');
    const card = await newCard(root.ts);
    assert.equal(card.thread, root.ts);
    await postUnder(card, toolMessage());
    await remind(card, toolMessage());
    const result = await messenger.postResult(
      { thread: card, shortId: 'abcd2345', requester: me(), title: 'A run', text: 'All done.' },
      { key: newKey() },
    );
    assert.equal(result.thread, root.ts);
    assert.equal(inThread(root.ts).length, 4);
    assert.equal(inThread(card.ts).length, 0);
  });

  it('is not taken for lost while its card is there, and is once it is deleted', async () => {
    const root = await workspace.as(people().ana).send(general(), 'And this?');
    const card = await newCard(root.ts);
    assert.equal(await messenger.findCardLoss(card), undefined);
    workspace.deleteMessage(card);
    assert.equal(await messenger.findCardLoss(card), 'deleted');
  });

  it('is told privately in the thread that a click there didn’t count', async () => {
    const root = await workspace.as(people().ana).send(general(), 'And that?');
    const card = await newCard(root.ts);
    const message = {
      kind: 'refused',
      decision: decision({ by: me(), ...clickedAt(Date.now()) }),
      refusal: { reason: 'not-offered' },
      requester: me(),
      at: card,
    } as const;
    const origin = { channel: general(), at: new Date().toISOString() };
    await messenger.sendPrivately({ to: me(), shortId: 'abcd2345', origin, message }, { key: newKey() });
    const told = workspace.ephemerals(people().ana).at(-1);
    assert.match(
      told?.text ?? '',
      /this action is not part of “Approve all”\. Use its own Approve, Reject or Edit/,
    );
    assert.equal(told?.threadTs, root.ts);
  });
});

/** Times of a click, in milliseconds since the epoch. */
const clickedAt = (time: number) => {
  const at = new Date(time).toISOString();
  return { at, slackAt: at };
};

describe('somebody who is away', () => {
  const { slackAt: _, ...justNow } = clickedAt(Date.now());
  const refused = { kind: 'refused', refusal: { reason: 'not-an-approver' } } as const;
  const failure = { step: 'post', code: 'is_archived', message: 'x' } as const;
  const cannotPost = { kind: 'cannot-post', channel: 'C1', executionId: 'e', failure } as const;
  for (const [what, message, text] of [
    ["that their card can't be posted", () => cannotPost, /I can't post in/],
    ['that they may not stop a run', () => ({ kind: 'cannot-cancel', requester: me() }), /can stop this run/],
    ['that Slack couldn’t say if they may', () => ({ kind: 'cancel-unsure' }), /Slack can't tell me/],
    ['that they clicked on another message', () => ({ kind: 'other-message' }), /changed nothing/],
    [
      'that their approval lapsed',
      () => ({ ...refusal(clickedAt(Date.now())), refusal: { reason: 'no-longer-an-approver' } }),
      /no longer counts/,
    ],
    ['that an old click didn’t count', () => refusal(clickedAt(Date.now() - 61_000)), /didn't count/],
    [
      'that a click on App Home didn’t count',
      () => refusal({ clickedOn: 'home', ...clickedAt(Date.now()) }),
      /didn't count/,
    ],
    ['that their form was refused', () => refusal({ kind: 'changes', ...justNow }), /didn't count/],
  ] as [string, () => PrivateMessage, RegExp][]) {
    it(`learns ${what}, and about which run, from a direct message`, async () => {
      workspace.setAway(people().ben);
      const before = workspace.privateWords(people().ben).length;
      const to = { team: workspace.team.id, user: people().ben };
      const origin = { channel: general(), at: new Date().toISOString() };
      await messenger.sendPrivately(
        { to, shortId: 'abcd2345', origin, message: message() },
        { key: newKey() },
      );
      const told = workspace.privateWords(people().ben).slice(before);
      assert.equal(told.length, 1);
      assert.match(told[0]?.text ?? '', text);
      assert.match(told[0]?.text ?? '', /abcd2345/);
      assert.equal(told[0]?.onlyFor, undefined);
    });
  }

  for (const [what, own, typed] of [
    [
      'the changes that they asked for',
      { kind: 'changes', note: 'Keep the <!channel> names. '.repeat(110) },
      /names/g,
    ],
    [
      'the steps of their edit',
      {
        kind: 'edit',
        steps: [
          { title: 'Ask them', detail: 'By e-mail.' },
          { title: 'Wait', detail: '' },
        ],
      },
      /Ask them\nBy e-mail\.\n\nWait/g,
    ],
    ['a note', { kind: 'approve', note: 'only the names' }, /names/g],
  ] as [string, Partial<Decision>, RegExp][]) {
    it(`gets ${what} back, whole, when that was refused`, async () => {
      const before = workspace.privateWords(people().ben).length;
      const to = { team: workspace.team.id, user: people().ben };
      const origin = { channel: general(), at: new Date().toISOString() };
      const message = refusal({ ...own, ...justNow });
      await messenger.sendPrivately({ to, shortId: 'abcd2345', origin, message }, { key: newKey() });
      const told = workspace.privateWords(people().ben)[before];
      const words = wordsOf(told);
      assert.match(words, /You wrote:/);
      assert.equal(words.match(typed)?.length, own.kind === 'changes' ? 110 : 1);
    });
  }

  const stopped = async (once: PostOnce, user: string = people().ben) => {
    const to = { team: workspace.team.id, user };
    const origin = { channel: general(), at: new Date().toISOString() };
    const message = { kind: 'cannot-cancel', requester: me() } as const;
    await messenger.sendPrivately({ to, shortId: 'abcd2345', origin, message }, once);
  };

  it('gets a direct message once, though the answer to its post was lost', async () => {
    const before = workspace.privateWords(people().ben).length;
    const key = newKey();
    const lookSince = Date.now() - 1_000;
    workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
    await assert.rejects(stopped({ key }));
    await stopped({ key, lookSince });
    assert.equal(workspace.privateWords(people().ben).length, before + 1);
  });

  it('is told in the channel where Slack takes no direct message for them', async () => {
    workspace.faults.inject({ kind: 'refuse', method: 'conversations.open', error: 'user_not_visible' });
    await stopped({ key: newKey() }, people().chloe);
    assert.match(workspace.ephemerals(people().chloe).at(-1)?.text ?? '', /can stop this run/);
  });

  const refusal = (own: Partial<Decision>) =>
    ({
      ...refused,
      decision: decision({ note: 'because', ...own }),
      requester: me(),
    }) satisfies PrivateMessage;
});

describe('those who are to decide', () => {
  const policy = () => policyWith({ approvers: [people().ben, 'requester'] });
  const call = (own: Partial<RequestMessage['item']> = {}): RequestMessage => ({
    ...toolMessage({ policy: policy(), ...own }),
    requester: me(),
  });

  it('are reminded in the card’s thread, with a link to the tool call', async () => {
    const card = await newCard();
    const at = await postUnder(card, call());
    const told = await remind(card, call(), { at });
    assert.deepEqual(told.mentioned, [people().ben, people().ana]);
    const reminder = inThread(card.ts).at(-1);
    assert.match(
      reminder?.text ?? '',
      new RegExp(
        `<@${people().ben}>, <@${people().ana}>: the action \`.*\` still .* <http.*${at.ts.replace('.', '')}`,
      ),
    );
  });

  it('are told of a tool call in a direct message, and what became of it; the requester knows', async () => {
    const card = await newCard();
    const at = await postUnder(card, call());
    const sent = await notify(call(), at);
    assert.equal(sent.length, 1);
    const [notice] = sent;
    assert.ok(notice && workspace.members(notice.channel).includes(people().ben));
    assert.match(
      messageAt(notice)?.text ?? '',
      /The action “Write file: “notes\.md”” waits for your approval/,
    );
    const approved = call({ outcome: verdict({ by: me() }, [decision({ by: me() })]) });
    await messenger.updateNotices({ message: approved, at, notices: sent });
    assert.match(messageAt(notice)?.text ?? '', new RegExp(`<@${people().ana}> approved `));
    assert.deepEqual(await notify(approved, at), []);
  });

  it('are the requester alone for a question to them', async () => {
    const card = await newCard();
    const question = { ...questionMessage(), requester: me() };
    const at = await postUnder(card, question);
    const { mentioned: told } = await remind(card, question, { at });
    assert.deepEqual(told, [people().ana]);
    const [notice, ...others] = await notify(question, at);
    assert.ok(notice && workspace.members(notice.channel).includes(people().ana));
    assert.deepEqual(others, []);
  });
});

describe('direct messages to approvers', () => {
  const GROUP = 'S01APPROVERS';
  const planWith = (own: Partial<ApprovalPolicy>, votes: Decision[] = []) =>
    cardWith(waiting({ policy: policyWith(own), votes }), { requester: me() });
  const at = () => ({ channel: general(), ts: '1.0' });
  const sentTo = (sent: MessageRef[]) =>
    sent.map(({ channel }) => workspace.members(channel).find((user) => user !== workspace.botUser));
  const limited = { kind: 'ratelimited', method: 'usergroups.users.list' } as const;

  for (const [what, work] of [
    ['told', (key: string) => notify(planWith({ approvers: [GROUP] }), at(), { key })],
    [
      'reminded',
      (key: string) =>
        newCard()
          .then((card) => remind(card, planWith({ approvers: [GROUP] }), { key }))
          .then(({ mentioned }) => mentioned),
    ],
  ] as const) {
    it(`wait while Slack limits us, and then the members of a group are ${what}`, async () => {
      const key = newKey();
      workspace.faults.inject(limited);
      // A group that was looked up a moment ago would need no call.
      messenger = createMessenger(client, createDirectory(client));
      await assert.rejects(work(key), { code: 'ratelimited', retryable: true });
      assert.equal((await work(key)).length, 3);
    });
  }

  it('go to the members of a small group, and to none of a large one, which is mentioned', async () => {
    const large = Array.from({ length: 26 }, (_, index) => `U9${index}`);
    const directory = {
      ...createDirectory(client),
      members: async (group: string) => (group === GROUP ? [people().dev, people().chloe] : large),
    };
    const from = createMessenger(client, directory);
    const card = planWith({ approvers: ['S9LARGE', GROUP, people().ben] });
    const sent = await notify(card, at(), { from });
    assert.deepEqual(sentTo(sent), [people().ben, people().dev, people().chloe]);
    const { mentioned: reminded } = await remind(await newCard(), card, { from });
    assert.deepEqual(reminded, [people().ben, people().dev, people().chloe, 'S9LARGE']);
  });

  it('go to somebody whom the policy names by another team, too', async () => {
    const card = planWith({ approvers: [`T0OTHER/${people().ben}`] });
    const sent = await notify(card, at());
    assert.deepEqual(sentTo(sent), [people().ben]);
  });

  it('go to those first to whom it is escalated, where they are more than can be told', async () => {
    const many = Array.from({ length: 200 }, (_, index) => `U9${index}`);
    const escalate = { afterMs: 1, to: [people().dev] };
    const card = planWith({ approvers: [...many, people().dev], escalate });
    const sent = await notify(card, at());
    assert.deepEqual(sentTo(sent), [people().dev]);
  });

  it('say to who has approved that it waits for others, and to the others what they said', async () => {
    const approvers = [people().ben, people().chloe];
    const first = planWith({ approvers, approvals: 2 });
    const sent = await notify(first, at());
    const update = (message: DecisionMessage) =>
      messenger.updateNotices({ message, at: at(), notices: sent });
    const words = () => sent.map((ref) => messageAt(ref)?.text ?? '');
    const vote = decision({ by: { team: workspace.team.id, user: people().ben } });
    await update(planWith({ approvers, approvals: 2 }, [vote]));
    assert.match(words()[0] ?? '', /You approved .*; it waits for 1 more approval\. Decide by/);
    assert.match(words()[1] ?? '', /waits for your approval/);
    await update(toolMessage({ policy: policyWith({ approvers, approvals: 3 }), votes: [vote] }));
    assert.match(words()[0] ?? '', /You approved .*Write file.*; it waits for 2 more approvals\./);
    await update(cardWith({ kind: 'executing', votes: [vote] }));
    for (const text of words()) assert.match(text, new RegExp(`<@${people().ben}> approved `));
  });
});

describe('people whom Slack doesn’t let us reach', () => {
  const policy = () => policyWith({ approvers: [people().ben, people().chloe, people().dev] });

  it('are passed over, and the other approvers are told', async () => {
    const card = await newCard();
    const at = await postUnder(card, toolMessage({ policy: policy() }));
    workspace.changeAccount(people().ben, { deleted: true });
    workspace.hide(people().chloe);
    const sent = await notify({ ...toolMessage({ policy: policy() }), requester: me() }, at);
    workspace.changeAccount(people().ben);
    workspace.hide(people().chloe, false);
    assert.deepEqual(
      sent.map(({ channel }) => workspace.members(channel).includes(people().dev)),
      [true],
    );
  });
});

describe('a channel where only some people may post', () => {
  it('takes no card, and the requester is told so in a direct message', async () => {
    workspace.restrict(general());
    const code = 'restricted_action';
    await assert.rejects(newCard(), { code, retryable: false, operatorCanFix: false });
    const failure = { step: 'post', code, message: 'Slack refused chat.postMessage' } as const;
    const message = { kind: 'cannot-post', channel: general(), failure, executionId: 'e' } as const;
    const origin = { channel: general(), at: new Date().toISOString() };
    await messenger.sendPrivately({ to: me(), shortId: 'abcd2345', origin, message }, { key: newKey() });
    workspace.restrict(general(), null);
    const told = workspace.privateWords(people().ana).at(-1);
    assert.equal(told?.onlyFor, undefined, 'no ephemeral message either');
    assert.match(told?.text ?? '', /the post failed|can't post in <#C01GENERAL>/);
    assert.deepEqual(buttonsOf(told as Message), ['Retry']);
  });
});

describe('updates that Slack doesn’t take now', () => {
  it('are not sent later, once nobody wants them any more', async () => {
    const card = await newCard();
    const updates = () => workspace.requests.filter(({ method }) => method === 'chat.update').length;
    const before = updates();
    const done = { ref: card, card: cardWith({ kind: 'executing', votes: [decision()] }) };
    await assert.rejects(messenger.updateCard(done, AbortSignal.abort()));
    const spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };
    const message: ThreadMessage = {
      ...{ kind: 'progress', shortId: 'abcd2345', title: 't', steps: [], otherCalls: [] },
      ...{ state: 'working', spent },
    };
    await assert.rejects(messenger.updateInThread({ ref: card, message }, AbortSignal.abort()));
    assert.equal(updates(), before);
  });

  it('are made again after a failure in Slack', async () => {
    const card = await newCard();
    const done = { ref: card, card: cardWith({ kind: 'executing', votes: [decision()] }) };
    workspace.faults.inject({ kind: 'refuse', error: 'update_failed', method: 'chat.update' });
    await assert.rejects(messenger.updateCard(done), { code: 'update_failed', retryable: true });
    await messenger.updateCard(done);
    assert.match(wordsOf(messageAt(card)), /Working\* on it/);
  });

  it('are limited for each third one: five busy runs go on, and a decision shows within two seconds', async () => {
    const from = createMessenger(
      createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl }),
      createDirectory(client),
    );
    const cards = await Promise.all(Array.from({ length: 5 }, () => newCard()));
    const bars = await Promise.all(cards.map((card) => postUnder(card, progressCard())));
    workspace.faults.inject({ kind: 'ratelimited', method: 'chat.update', every: 3, times: 0 });
    const retried = async (work: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        const failure = await work().then(
          () => undefined,
          (error: RemoteError) => error,
        );
        if (!failure) return;
        if (!failure.retryable) throw failure;
        await delay(failure.retryAfterMs ?? 500);
      }
    };
    const until = Date.now() + 6_000;
    const busy = bars.map(async (ref) => {
      while (Date.now() < until) {
        await retried(() => from.updateInThread({ ref, message: progressCard() }));
        await delay(300);
      }
    });
    await delay(1_000);
    for (const ref of cards) {
      const began = Date.now();
      const card = cardWith({ kind: 'executing', votes: [decision()] });
      await retried(() => from.updateCard({ ref, card }));
      assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
    }
    await Promise.all(busy);
  });
});

describe('arguments that are too long for a message', () => {
  const long = toolMessage({}, { input: LONG });

  it('stand whole before the tool call, in messages, where the app may not upload files', async () => {
    const card = await newCard();
    const key = newKey();
    const since = Date.now();
    const noFiles = { kind: 'refuse', error: 'missing_scope', method: 'files.getUploadURLExternal' } as const;
    workspace.faults.inject({ ...noFiles, times: 2 });
    workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
    await assert.rejects(messenger.postInThread({ thread: card, message: long }, { key }));
    const ref = await messenger.postInThread(
      { thread: card, message: long },
      { key, lookSince: since - 1_000 },
    );
    const thread = inThread(card.ts);
    assert.equal(thread.at(-1)?.ts, ref.ts, 'the buttons come last');
    const whole = thread.slice(0, -1).map(wordsOf).join('');
    const bare = (text: string) => text.replaceAll(/\s+|`arguments-\w+\.json`, part \d+ of \d+/g, '');
    assert.equal(bare(whole), bare(JSON.stringify(LONG)));
    assert.match(wordsOf(thread.at(-1)), /All of it is above, in this thread: +arguments-\w+\.json/);
  });

  it('are a file before the tool call, once, though the answer to its upload was lost', async (t) => {
    if (!takesFiles) return t.skip('the workspace takes no files');
    const card = await newCard();
    const key = newKey();
    const since = Date.now();
    workspace.faults.inject({ kind: 'lose-answer', method: 'files.completeUploadExternal' });
    workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
    await assert.rejects(messenger.postInThread({ thread: card, message: long }, { key }), {
      retryable: true,
    });
    const ref = await messenger.postInThread(
      { thread: card, message: long },
      { key, lookSince: since - 1_000 },
    );
    const [file, asked, ...more] = inThread(card.ts);
    assert.deepEqual(more, []);
    assert.equal(asked?.ts, ref.ts);
    const [whole] = await filesOf(file);
    assert.deepEqual(JSON.parse(whole?.text ?? ''), LONG);
    assert.ok(wordsOf(asked).includes(whole?.name ?? 'no file'));
  });

  for (const fault of [
    { kind: 'error-500', method: 'files.getUploadURLExternal' },
    { kind: 'ratelimited', method: 'files.completeUploadExternal' },
  ] as const) {
    it(`are tried again after Slack failed at ${fault.method}`, async () => {
      const card = await newCard();
      const key = newKey();
      const input = { thread: card, message: long };
      const since = Date.now() - 1_000;
      workspace.faults.inject(fault);
      await assert.rejects(messenger.postInThread(input, { key }), { retryable: true });
      assert.deepEqual(inThread(card.ts), [], 'nobody is asked before they can read it');
      const began = Date.now();
      await messenger.postInThread(input, { key, lookSince: since });
      assert.ok(Date.now() - began < 3_000, 'nothing was sent yet, so there is nothing to wait for');
      assert.equal(inThread(card.ts).length, 2);
    });
  }
});

describe('a file that Slack shows late', () => {
  const long = toolMessage({}, { input: LONG });
  const share = { method: 'share' } as const;
  const filesIn = (ts: string) => inThread(ts).flatMap(({ files = [] }) => files);

  it('shows before the buttons that refer to it', async () => {
    const card = await newCard();
    workspace.faults.inject({ ...share, kind: 'slow', delayMs: 1_500 });
    const asked = await postUnder(card, long);
    const [file, last, ...more] = inThread(card.ts);
    assert.deepEqual([file?.files?.length, last?.ts, more], [1, asked.ts, []]);
  });

  it('shows in a direct message, too', async () => {
    const { channel = '' } = await newCard().then(() =>
      messenger.postCard({ channel: people().ana, card: cardWith(waiting()) }, { key: newKey() }),
    );
    const asked = await postUnder({ channel: people().ana, ts: '' }, long);
    const [file, last] = workspace.messages(channel).slice(-2);
    assert.deepEqual([file?.files?.length, last?.ts], [1, asked.ts]);
  });

  it('shows before the buttons, too, where the app may not ask about files', async () => {
    const card = await newCard();
    workspace.faults.inject({ kind: 'refuse', error: 'missing_scope', method: 'files.info', times: 0 });
    workspace.faults.inject({ ...share, kind: 'slow', delayMs: 1_500 });
    const asked = await postUnder(card, long);
    const [file, last, ...more] = inThread(card.ts);
    assert.deepEqual([file?.files?.length, last?.ts, more], [1, asked.ts, []]);
  });

  it('is left out where it never shows: the text stands in messages before the buttons', async () => {
    const card = await newCard();
    const key = newKey();
    const impatient = createMessenger(client, createDirectory(client), new Uploads(client, 1_000));
    const since = Date.now() - 1_000;
    workspace.faults.inject({ ...share, kind: 'drop' });
    workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
    const input = { thread: card, message: long };
    await assert.rejects(impatient.postInThread(input, { key }), { retryable: true });
    const ref = await impatient.postInThread(input, { key, lookSince: since });
    const thread = inThread(card.ts);
    assert.equal(thread.at(-1)?.ts, ref.ts, 'the buttons come last');
    const bare = (text: string) => text.replaceAll(/\s+|`arguments-\w+\.json`, part \d+ of \d+/g, '');
    assert.equal(bare(thread.slice(0, -1).map(wordsOf).join('')), bare(JSON.stringify(LONG)));
    assert.deepEqual(filesIn(card.ts), []);
  });

  it('is waited for no longer once the service is being stopped, and nobody is asked yet', async () => {
    const card = await newCard();
    const stop = new AbortController();
    workspace.faults.inject({ ...share, kind: 'slow', delayMs: 1_500 });
    const once = { key: newKey(), signal: stop.signal };
    const post = messenger.postInThread({ thread: card, message: long }, once);
    setTimeout(() => stop.abort(), 500);
    await assert.rejects(post, { name: 'AbortError' });
    assert.deepEqual(inThread(card.ts), []);
  });

  it('is there once, though the service died while Slack shared it', async () => {
    const card = await newCard();
    const since = Date.now() - 1_000;
    const [{ name = '', text = '' } = {}] = requestMessage(long).attachments;
    // The dead process: it got so far.
    const { upload_url = '', file_id: id = '' } = await client.files.getUploadURLExternal({
      filename: name,
      length: Buffer.byteLength(text),
    });
    await fetch(upload_url, { method: 'POST', body: text });
    workspace.faults.inject({ ...share, kind: 'slow', delayMs: 2_000 });
    const place = { channel_id: general(), thread_ts: card.ts };
    await client.files.completeUploadExternal({ files: [{ id, title: name }], ...place });
    const again = { key: newKey(), lookSince: since };
    const asked = await messenger.postInThread({ thread: card, message: long }, again);
    const [file, last, ...more] = inThread(card.ts);
    assert.deepEqual([file?.files?.[0]?.id, last?.ts, more], [id, asked.ts, []]);
  });
});

describe('a long result', () => {
  const text = Array.from({ length: 400 }, (_, index) => `Paragraph ${index} of the report.\n\n`)
    .join('')
    .repeat(2);

  it('is its beginning and a file with all of it, with who asked and what it cost', async (t) => {
    if (!takesFiles) return t.skip('the workspace takes no files');
    const card = await newCard();
    const usage = { turns: 4, toolCalls: 2, tokens: 1_000, costUsd: 0.03 };
    const report = { usage, tookMs: 60_000, sources: [{ title: 'A', url: 'https://docs.example.com/a' }] };
    const ref = await messenger.postResult(
      { thread: card, shortId: 'abcd2345', requester: me(), title: 'A run', text, report },
      { key: newKey() },
    );
    const [file, result, ...more] = inThread(card.ts);
    assert.deepEqual(more, []);
    assert.equal(result?.ts, ref.ts);
    assert.equal(result?.text, 'Result: A run', 'a notification has no raw Markdown');
    assert.deepEqual(await filesOf(file), [{ name: 'result-abcd2345.md', text }]);
    for (const part of [`<@${people().ana}>`, 'Paragraph 0 of', 'docs.example.com', 'about $0.03', '1 min']) {
      assert.ok(wordsOf(result).includes(part), part);
    }
  });
});
