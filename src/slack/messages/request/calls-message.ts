import type { Button, KnownBlock } from '@slack/types';
import type { Outcome } from '../../../approval/request.js';
import { reasonsOf } from '../../../run/execution/conditions.js';
import { headlineOf, safeName } from '../../../run/execution/headline.js';
import { coverageOf } from '../../../run/execution/rules.js';
import type { ToolCall } from '../../../run/execution/tools.js';
import type { RequestMessage } from '../../../run/request.js';
import { actions, blockList, button, context, line, noteField } from '../kit/blocks.js';
import { ACTIONS, ALWAYS_ALLOW, NOTE } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { type MessageWithAttachments, messageOf, type Part } from '../kit/payload.js';
import { clip, code, factLine, notificationLine } from '../kit/text.js';
import { type CallItem, isAboutCall, limitText } from './call-item.js';
import { callParts, isShownWhole, WORDS_ROOM } from './call-parts.js';
import { buttonValue } from './choices.js';
import { foldedBlocks } from './decided-call.js';
import { toolText } from './subject.js';
import { expiryText, waitingText } from './waiting.js';

/** Room for a message's other blocks, and the most that one call takes, in characters. */
const FRAME_ROOM = 3_200;
const MOST_ROOM = 2_500;
/** Room for the names of those who decide about one of several calls, in characters. */
const WHO_ROOM = 450;
/** Most buttons that allow a tool from now on. */
const MOST_ALWAYS = 3;
/** Limits for the names of such a tool and its server, and for the rule's condition, in characters. A label takes 75, a confirmation 300. */
const TOOL_CHARS = 26;
const SERVER_CHARS = 18;
const CONDITION_CHARS = 60;

/**
 * Draws the calls of a turn that people are asked about. Each has three blocks, open or decided, so that an update never puts another kind of block
 * where rich text was: Slack refuses that.
 */
export function callsMessage(message: RequestMessage): MessageWithAttachments {
  const items = (message.items ?? [message.item]).filter(isAboutCall);
  const open = items.filter(({ outcome }) => !outcome);
  const whoOf = whoTexts(message, open);
  const words = WORDS_ROOM + (mayDiffer(message, items) ? WHO_ROOM : 0);
  const room = Math.min((LIMITS.messageBlocksText - FRAME_ROOM) / items.length - words, MOST_ROOM);
  return messageOf(summaryText(items, open), [
    line(titleText(items, open)),
    ...items.flatMap((item, at) =>
      itemParts({ ...message, item }, item, { at, items, room, who: whoOf.get(item) }),
    ),
    ...footBlocks(message, items, open, room),
  ]);
}

/** Titles of a decided call, in a word. */
const DECIDED: Record<Outcome['kind'], string> = {
  approve: 'Approved',
  reject: 'Rejected',
  edit: 'Edited',
  changes: 'Sent back',
  answer: 'Answered',
  expired: 'Not decided in time',
  withdrawn: 'Not run',
};

function titleText(items: CallItem[], open: CallItem[]): string {
  const [only] = items;
  if (items.length === 1) return only?.outcome ? `*${DECIDED[only.outcome.kind]}*` : '*Approve this action?*';
  if (open.length === 0) return `*${items.length} actions, all decided*`;
  return open.length === items.length
    ? `*${items.length} actions to approve*`
    : `*${open.length} of ${items.length} actions to approve*`;
}

/** Text for notifications: what is to be decided. */
function summaryText(items: CallItem[], open: CallItem[]): string {
  const named = (list: CallItem[]) => list.map(({ subject }) => headlineOf(subject.call)).join('; ');
  const [only] = items;
  const text =
    items.length === 1 && only?.outcome
      ? `${DECIDED[only.outcome.kind]}: ${named(items)}`
      : items.length === 1
        ? `Approve? ${named(items)}`
        : open.length === 0
          ? `${items.length} actions, all decided: ${named(items)}`
          : `${open.length} actions to approve: ${named(open)}`;
  return notificationLine(text, 500);
}

interface Place {
  /** Index in the message. */
  at: number;
  items: CallItem[];
  /** Limit for the call's arguments, in characters. */
  room: number;
  /** Names of those who decide about it, where that isn't said for all together. */
  who: string | undefined;
}

function itemParts(message: RequestMessage, item: CallItem, { at, items, room, who }: Place): Part[] {
  const { call, stepTitle, rule } = item.subject;
  const number = items.length > 1 ? at + 1 : undefined;
  if (item.outcome) return foldedBlocks(item, item.outcome, { number, isAlone: items.length === 1 });
  const facts = factLine(effectText(call), who);
  const note = items.length === 1 && noteField('Reason or note', item.policy);
  return [
    ...callParts(call, { id: `${message.request}/${item.id}`, room, number, stepTitle, rule }),
    context(facts),
    ...blockList(note),
    actions(`decision ${item.id}`, ...itemButtons(message, item, items.length)),
  ];
}

function effectText({ name, readOnly }: ToolCall): string {
  return factLine(toolText(name), readOnly ? 'This only reads, its server says.' : 'This can change data.');
}

function whoText({ requester }: RequestMessage, item: CallItem): string {
  return `${waitingText(item, requester.user)} · Decide by ${expiryText({ item })}`;
}

/** Most people that are named for one of several calls. */
const MOST_NAMED = 5;

/**
 * True if those who decide may come to differ from call to call: by the votes, by an escalation, or from the start. Votes never change the room of a
 * call, since an update can't post the file of a value that no longer fits.
 */
function mayDiffer(message: RequestMessage, items: CallItem[]): boolean {
  const canChange = ({ policy }: CallItem) => policy.approvals > 1 || policy.escalate !== undefined;
  if (items.length === 1) return false;
  return (
    items.some(canChange) ||
    whoTexts(
      message,
      items.map((item) => ({ ...item, votes: [] })),
    ).size > 0
  );
}

/** Says who decides about each of several calls, where that differs from call to call. */
function whoTexts(message: RequestMessage, open: CallItem[]): Map<CallItem, string> {
  const [first, ...others] = open;
  if (!first || others.every((item) => whoText(message, item) === whoText(message, first))) return new Map();
  return new Map(
    open.map((item) => {
      const { policy, votes, editors = [] } = item;
      const approvers = policy.approvers.slice(0, MOST_NAMED);
      const more = policy.approvers.length > MOST_NAMED ? ', and others' : '';
      const short = {
        policy: { ...policy, approvers },
        votes: votes.slice(-MOST_NAMED),
        editors: editors.slice(0, 2),
      };
      return [item, clip(`${whoText(message, { ...item, ...short })}${more}`, WHO_ROOM)];
    }),
  );
}

function itemButtons(message: RequestMessage, item: CallItem, count: number): Button[] {
  const value = buttonValue({ ...message, item });
  return [
    button(ACTIONS.approveTool, 'Approve', { ...(!item.alone && { style: 'primary' }), value }),
    button(ACTIONS.rejectTool, 'Reject', { style: 'danger', value }),
    button(ACTIONS.editTool, 'Edit', { value }),
    button(ACTIONS.exactInput, 'Exact input', { value }),
    ...(count === 1 ? alwaysButtons(message, [item], [item]) : []),
  ];
}

/** Buttons that allow the tools of open calls for the rest of the run. No two have the same label. */
function alwaysButtons(message: RequestMessage, items: CallItem[], open: CallItem[]): Button[] {
  const offered = open.filter(({ alone, subject }) => !alone && !subject.call.edited);
  const byCoverage = new Map(
    offered.map((item) => [coverageOf(item.subject.rule, item.subject.call, item.policy.approvals), item]),
  );
  const shown = [...byCoverage.values()].slice(0, MOST_ALWAYS);
  const tools = shown.map(({ subject }) => toolLabel(subject.call.name));
  return shown.map((item, at) => {
    const { call, rule } = item.subject;
    const tool = tools[at] ?? '';
    const isAlike = tools.filter((other) => other === tool).length > 1;
    const where = isAlike ? `like action ${items.indexOf(item) + 1}` : 'in this run';
    const reasons = rule ? reasonsOf(rule, call.input).join(' and ') : '';
    const limit = `${limitText(item)}${reasons === '' ? '' : `: ${clip(reasons, CONDITION_CHARS)}`}`;
    return button(`${ALWAYS_ALLOW}${at}`, `Always allow ${tool} ${where}`, {
      value: buttonValue({ ...message, item }),
      confirm: {
        title: `Always allow ${tool}?`,
        text: `From now on I run ${tool} in this run without asking, ${limit}. Actions of this kind that are waiting run, too, unless somebody edited them.`,
        confirm: 'Always allow',
        deny: 'Not now',
      },
    });
  });
}

/** Names a tool and its server in plain text. A built-in tool has no server. */
function toolLabel(name: string): string {
  const at = name.indexOf('__');
  if (at <= 0) return safeName(name, TOOL_CHARS + SERVER_CHARS);
  return `${safeName(name.slice(at + 2), TOOL_CHARS)} of ${safeName(name.slice(0, at), SERVER_CHARS)}`;
}

/** Blocks for all calls together: who decides until when, a note, and `Approve all`. */
function footBlocks(
  message: RequestMessage,
  items: CallItem[],
  open: CallItem[],
  room: number,
): KnownBlock[] {
  const run = `Run ${code(message.shortId)}`;
  const [first] = open;
  if (!first) return [context(run)];
  const isSame = whoTexts(message, open).size === 0;
  const who = context(factLine(isSame && whoText(message, first), run));
  if (items.length === 1) return [who];
  const whole = open.filter(({ alone, subject }) => !alone && isShownWhole(subject.call, room));
  const shown = whole.map(({ id, digest }) => ({ id, digest }));
  const together = whole.length > 1 ? whole : [];
  const buttons = [
    ...(together.length > 0
      ? [
          button(ACTIONS.approveAllTool, `Approve all ${together.length}`, {
            style: 'primary',
            value: buttonValue({ ...message, item: first }, undefined, shown),
          }),
        ]
      : []),
    ...alwaysButtons(message, items, open),
  ];
  return blockList(
    who,
    // Slack keeps a typed text by its block's id, and a reason must not go along with the next decision.
    noteField(
      'Reason or note (goes with the next button you click)',
      first.policy,
      `${NOTE.block} ${open.length}`,
    ),
    buttons.length > 0 && actions('decision all', ...buttons),
    together.length > 0 &&
      together.length < open.length &&
      context('“Approve all” leaves out what is marked ⚠️ or cut. Decide about each of those.'),
  );
}
