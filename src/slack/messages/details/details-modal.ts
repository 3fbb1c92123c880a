import type { KnownBlock, ModalView } from '@slack/types';
import type { Checkpoint, LedgerHead } from '../../../run/event.js';
import { blockList, context, line } from '../kit/blocks.js';
import { VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, escapeMrkdwn, moment, plain } from '../kit/text.js';
import { eventLines, indexItems } from './event-lines.js';

/** Limit for the lines' blocks; a view's head and foot need the rest. */
const MAX_BLOCKS = LIMITS.viewBlocks - 5;

/** Limit for the lines' JSON, in bytes; a view's head and foot need the rest. */
const MAX_BYTES = LIMITS.viewBytes - 10_000;

/** Ends of a run's chain: in the ledger, and as the finished card keeps it. */
interface Heads {
  head?: LedgerHead;
  kept?: LedgerHead;
}

/** History of a run: each event with its person, time and note. */
export function detailsModal(shortId: string, entries: Checkpoint[], { head, kept }: Heads = {}): ModalView {
  const find = indexItems(entries);
  // Each line is cut to Slack's limit, so that one long entry can't hide the others.
  const blocks = entries.flatMap((entry) =>
    eventLines(entry, find).flatMap(({ text, quote = '' }) =>
      blockList(
        line(clip(`${moment(entry.at)} · ${text}`, LIMITS.sectionText)),
        quote.trim() !== '' && quoteBlock(clip(quote, 2_000)),
      ),
    ),
  );
  const shown = takeNewest(blocks);
  const cut = `The beginning is left out here; \`countersign ledger show ${escapeMrkdwn(shortId)}\` prints it all.`;
  return {
    type: 'modal',
    callback_id: VIEWS.details,
    title: plain(`Run ${shortId}`, LIMITS.viewTitle),
    close: plain('Close', LIMITS.viewClose),
    blocks: blockList(
      blocks.length > shown.length && context(cut),
      shown.length > 0 ? shown : line('The ledger has nothing of this run.'),
      head && [{ type: 'divider' }, context(chainText(head))],
      kept && context(keptText(shortId, kept)),
    ),
  };
}

/** Selects as many of the last blocks as fit into a view. */
function takeNewest(blocks: KnownBlock[]): KnownBlock[] {
  let bytes = 0;
  let from = blocks.length;
  while (from > Math.max(blocks.length - MAX_BLOCKS, 0)) {
    bytes += Buffer.byteLength(JSON.stringify(blocks[from - 1]));
    if (bytes > MAX_BYTES) break;
    from -= 1;
  }
  return blocks.slice(from);
}

/** Shown characters of a kept hash. At this length nobody can forge another entry with the same hash. */
const SHOWN_HASH = 32;

/** Names the entry that a finished card keeps. It stands in Slack, so a changed ledger can be told by it. */
function keptText(shortId: string, { sequence, hash }: LedgerHead): string {
  const head = escapeMrkdwn(`${sequence}:${hash.slice(0, SHOWN_HASH)}`);
  return `This card keeps ledger entry ${sequence}. \`countersign ledger verify ${escapeMrkdwn(shortId)} --head ${head}\` checks that the ledger still has it.`;
}

function chainText({ sequence, hash }: LedgerHead): string {
  return `${sequence} ${sequence === 1 ? 'entry' : 'entries'}, each chained to the one before it; the last hash is \`${escapeMrkdwn(clip(hash, 64))}\`. \`countersign ledger verify\` checks them.`;
}
