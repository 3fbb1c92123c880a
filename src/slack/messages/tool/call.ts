import type { KnownBlock } from '@slack/types';
import type { ToolCall } from '../../../run/tools.js';
import { context } from '../kit/lines.js';
import { type Attachment, excerpt, fileName } from '../kit/long-text.js';
import { paragraph, preformatted, quote, richText } from '../kit/rich-text.js';
import { clip, code, verbatim } from '../kit/text.js';

/** The server that a tool belongs to and its own name; without a server it is built in. */
export function toolParts(name: string): { server?: string; tool: string } {
  const at = name.indexOf('__');
  return at > 0 ? { server: name.slice(0, at), tool: name.slice(at + 2) } : { tool: name };
}

/** A tool in mrkdwn: its name and its server's. */
export function toolWords(name: string): string {
  const { server, tool } = toolParts(name);
  return server === undefined ? named(tool) : `${named(tool)} of ${named(server)}`;
}

/** A name that the model gave may hold anything, and be of any length. */
function named(name: string): string {
  return code(clip(name.replaceAll(/[^\p{L}\p{N}_.-]/gu, '?'), 64));
}

/** Characters that don't show, or that turn the text around them: what a person reads must be what is called. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu;

/** Arguments as JSON for people: whole, indented, and with everything that doesn't show written out. */
export function argumentsText(input: Record<string, unknown>): string {
  return JSON.stringify(input, null, 2).replaceAll(UNSEEN, escaped);
}

function escaped(unseen: string): string {
  const units = Array.from({ length: unseen.length }, (_, at) => unseen.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/**
 * A tool call as people judge it: which tool, for which step, why, and with exactly which arguments. `id` is that of the message's request.
 * `wasSent`: the call was made already.
 */
export function callBlocks(
  { input, step, reason, readOnly }: ToolCall,
  id: string,
  { stepTitle, wasSent = false }: { stepTitle?: string; wasSent?: boolean } = {},
): { blocks: KnownBlock[]; attachments: Attachment[] } {
  const given = excerpt(argumentsText(input), fileName('arguments', id, 'json'));
  const why = excerpt(reason ?? '', fileName('reason', id, 'txt'));
  const place = [
    ...(step === undefined ? [] : [`Step ${step}`]),
    ...(stepTitle ? [clip(stepTitle, 300)] : []),
  ];
  const blocks: KnownBlock[] = [
    ...(place.length > 0 ? [richText(paragraph(verbatim(place.join(': '))))] : []),
    ...(why.shown.trim() === '' ? [] : [context('Why, in the model’s own words:')]),
    ...(why.shown.trim() === '' ? [] : [richText(quote(verbatim(why.shown)))]),
    ...why.note,
    context(wasSent ? 'What was sent, exactly:' : 'What would be sent, exactly:'),
    ...preformatted(given.shown),
    ...given.note,
    context(
      readOnly
        ? 'Its server says that it only reads.'
        : 'It may change something: its server doesn’t say that it only reads.',
    ),
  ];
  return { blocks, attachments: [...why.attachments, ...given.attachments] };
}
