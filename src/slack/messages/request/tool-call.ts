import type { KnownBlock } from '@slack/types';
import type { ToolCall } from '../../../run/execution/tools.js';
import { context } from '../kit/blocks.js';
import { type BlocksWithAttachments, excerpt, fileName } from '../kit/payload.js';
import { paragraph, preformatted, quoteBlock, richText } from '../kit/rich-text.js';
import { clip, code, verbatim } from '../kit/text.js';

/** A tool in mrkdwn: its own name and its server's. A tool without a server is built in. */
export function toolText(name: string): string {
  const at = name.indexOf('__');
  return at > 0 ? `${nameText(name.slice(at + 2))} of ${nameText(name.slice(0, at))}` : nameText(name);
}

/** A name that the model gave may hold anything, and be of any length. */
function nameText(name: string): string {
  return code(clip(name.replaceAll(/[^\p{L}\p{N}_.-]/gu, '?'), 64));
}

/** Characters that don't show, or that turn the text around them: a person must read exactly the arguments that are sent. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu;

/** Arguments as JSON for people: whole, indented, with every character that doesn't show written out. */
export function argumentsText(input: Record<string, unknown>): string {
  return JSON.stringify(input, null, 2).replaceAll(UNSEEN, escapeUnits);
}

function escapeUnits(unseen: string): string {
  const units = Array.from({ length: unseen.length }, (_, at) => unseen.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/**
 * A tool call as people judge it: which tool, for which step, why, and with exactly which arguments. `id` is the item's, unique in the run.
 * `wasSent`: the call was made already.
 */
export function callBlocks(
  { input, step, reason, readOnly }: ToolCall,
  id: string,
  { stepTitle, wasSent = false }: { stepTitle?: string; wasSent?: boolean } = {},
): BlocksWithAttachments {
  const sent = excerpt(argumentsText(input), fileName('arguments', id, 'json'));
  const why = excerpt(reason ?? '', fileName('reason', id, 'txt'));
  const place = [
    ...(step === undefined ? [] : [`Step ${step}`]),
    ...(stepTitle ? [clip(stepTitle, 300)] : []),
  ];
  const blocks: KnownBlock[] = [
    ...(place.length > 0 ? [richText(paragraph(verbatim(place.join(': '))))] : []),
    ...(why.shown.trim() === '' ? [] : [context('Why, in the model’s own words:'), quoteBlock(why.shown)]),
    ...why.note,
    context(wasSent ? 'What was sent, exactly:' : 'What would be sent, exactly:'),
    ...preformatted(sent.shown),
    ...sent.note,
    context(
      readOnly
        ? 'Its server says that it only reads.'
        : 'It may change something: its server doesn’t say that it only reads.',
    ),
  ];
  return { blocks, attachments: [...why.attachments, ...sent.attachments] };
}
