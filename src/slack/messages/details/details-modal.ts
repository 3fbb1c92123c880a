import type { KnownBlock, ModalView } from '@slack/types';
import type { Checkpoint, EventKind, LedgerHead } from '../../../run/event.js';
import { blockList, context } from '../kit/blocks.js';
import { VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { clip, escapeMrkdwn, plain } from '../kit/text.js';
import { eventLines } from './event-lines.js';
import { indexItems } from './item-index.js';
import { timeline } from './timeline.js';

/** Limits for the lines' blocks, and for their JSON in bytes; a view's heads and foot need the rest. */
const ROOM = { blocks: LIMITS.viewBlocks - 8, bytes: LIMITS.viewBytes - 10_000 };

/** The decisions take at most this share of the room. */
const DECISIONS_SHARE = 0.5;

/** Events by which people decide, or let others decide. */
const DECISIONS: ReadonlySet<EventKind> = new Set(['voted', 'lapsed', 'extended', 'granted', 'decided']);

/** Ends of a run's chain: in the ledger, and as the finished card keeps it. */
interface Heads {
  head?: LedgerHead;
  kept?: LedgerHead;
}

/** History of a run: what people decided, then all else that happened, with its times. */
export function detailsModal(shortId: string, entries: Checkpoint[], { head, kept }: Heads = {}): ModalView {
  const find = indexItems(entries);
  const draw = (isShown: (entry: Checkpoint) => boolean) =>
    timeline(
      entries
        .filter(isShown)
        .flatMap((entry) => eventLines(entry, find).map((line) => ({ at: entry.at, ...line }))),
    );
  const decisions = takeNewest(
    draw(({ kind }) => DECISIONS.has(kind)),
    { blocks: ROOM.blocks * DECISIONS_SHARE, bytes: ROOM.bytes * DECISIONS_SHARE },
  );
  const used = { blocks: decisions.shown.length, bytes: bytesOf(decisions.shown) };
  const rest = takeNewest(
    draw(({ kind }) => !DECISIONS.has(kind)),
    { blocks: ROOM.blocks - used.blocks, bytes: ROOM.bytes - used.bytes },
  );
  const cut = context(
    `The beginning is left out here; \`countersign ledger show ${escapeMrkdwn(shortId)}\` prints it all.`,
  );
  return {
    type: 'modal',
    callback_id: VIEWS.details,
    title: plain(`Run ${shortId}`, LIMITS.viewTitle),
    close: plain('Close', LIMITS.viewClose),
    blocks: blockList(
      heading('Decisions'),
      decisions.isCut && cut,
      decisions.shown.length > 0 ? decisions.shown : context('Nobody has decided anything yet.'),
      heading('What happened'),
      rest.isCut && cut,
      rest.shown.length > 0 ? rest.shown : context('Nothing is recorded yet.'),
      head && [{ type: 'divider' }, context(chainText(head))],
      kept && context(keptText(shortId, kept)),
    ),
  };
}

function heading(text: string): KnownBlock {
  return { type: 'header', text: plain(text, LIMITS.headerText) };
}

/** Selects as many of the last blocks as fit. */
function takeNewest(
  blocks: KnownBlock[],
  room: { blocks: number; bytes: number },
): { shown: KnownBlock[]; isCut: boolean } {
  let bytes = 0;
  let from = blocks.length;
  while (from > Math.max(blocks.length - room.blocks, 0)) {
    bytes += bytesOf(blocks[from - 1]);
    if (bytes > room.bytes) break;
    from -= 1;
  }
  return { shown: blocks.slice(from), isCut: from > 0 };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Shown characters of a kept hash. At this length nobody can forge another entry with the same hash. */
const SHOWN_HASH = 32;

/** Names the entry that a finished card keeps. It stands in Slack, so a changed ledger can be told by it. */
function keptText(shortId: string, { sequence, hash }: LedgerHead): string {
  const head = escapeMrkdwn(`${sequence}:${hash.slice(0, SHOWN_HASH)}`);
  return `For auditors: this card keeps ledger entry ${sequence}. \`countersign ledger verify ${escapeMrkdwn(shortId)} --head ${head}\` checks that the ledger still has it.`;
}

function chainText({ sequence, hash }: LedgerHead): string {
  return `For auditors: ${sequence} ${sequence === 1 ? 'entry' : 'entries'}, each chained to the one before it. The last hash is \`${escapeMrkdwn(clip(hash, 64))}\`; \`countersign ledger verify\` checks them.`;
}
