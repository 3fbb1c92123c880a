import type { PlainTextElement, RichTextElement } from '@slack/types';

/** Escapes text for mrkdwn, so that it can neither mention, link nor format as markup. Source: Slack's "Formatting message text". */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Slack's ids have about a dozen characters; of one that was made up no more than this is shown. */
const ID_LENGTH = 30;

/** A mention of a person; only for ids that came from Slack. */
export function mention(user: string): string {
  return `<@${idOf(user)}>`;
}

/** A mention of a user group; only for ids that came from Slack. */
export function groupMention(group: string): string {
  return `<!subteam^${idOf(group)}>`;
}

function idOf(id: string): string {
  return clip(escapeMrkdwn(id), ID_LENGTH);
}

/** A line names at most so many people. */
export const NAMED = 20;

/** Mentions in a line: "@a, @b and 210 more". A list of any length stays within a line. */
export function joinMentions(mentions: string[], most: number = NAMED): string {
  const hidden = mentions.length - most;
  const shown = mentions.slice(0, most).join(', ');
  return hidden > 0 ? `${shown} and ${hidden.toLocaleString('en-US')} more` : shown;
}

/** A moment, shown in the reader's own time zone. `iso` is ISO 8601; what is no time stays text. */
export function moment(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return escapeMrkdwn(clip(iso, ID_LENGTH));
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} at {time}|${new Date(ms).toISOString()}>`;
}

/** Text in mrkdwn's fixed width, in which it can neither mention, link nor end the span. */
export function code(text: string): string {
  return `\`${escapeMrkdwn(text.replaceAll(/[`\s]+/g, ' ').trim() || ' ')}\``;
}

/** Text of others in one line of mrkdwn. `limit` is in characters. */
export function oneLine(text: string, limit: number): string {
  return escapeMrkdwn(clip(text.replaceAll(/\s+/g, ' '), limit));
}

export function plain(text: string, limit: number): PlainTextElement {
  return { type: 'plain_text', text: clip(text, limit), emoji: false };
}

/** Cuts at `limit` characters, with an ellipsis, and never in the middle of a surrogate pair. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Text that Slack shows as it is: in rich text nothing is parsed, so nothing in it can mention, link or format. */
export function verbatim(
  text: string,
  style?: { bold?: boolean; italic?: boolean; strike?: boolean; code?: boolean },
): RichTextElement {
  return { type: 'text', text: text === '' ? ' ' : text, ...(style && { style }) };
}

/** The host of an http(s) address without `www.`, or undefined where it isn't one. */
function domainOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? hostname.replace(/^www\./, '') : undefined;
}

/** A longer link stays text, which can be split between blocks; in characters. */
const LINK_LENGTH = { url: 1_500, text: 500 } as const;

/** A link with the domain that it leads to behind its text. Anything but http(s) stays text. */
export function linkWithDomain(text: string, url: string): RichTextElement[] {
  const domain = domainOf(url);
  if (!domain || url.length > LINK_LENGTH.url) return [verbatim(`${text} (${url})`)];
  const label = text.trim() === '' ? domain : text;
  if (label.length > LINK_LENGTH.text) return [verbatim(`${label} `), { type: 'link', url, text: domain }];
  const link: RichTextElement = { type: 'link', url, text: label };
  return label.includes(domain) ? [link] : [link, verbatim(` (${domain})`)];
}

/** "1 step", "2,000 steps". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
