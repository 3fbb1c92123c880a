import type { Names } from '../permissions/names.js';
import type { ListenerContext } from './context.js';

/** Longest wait for the names of people and channels in a text, in milliseconds. Those that Slack doesn't tell in time stay ids. */
const NAMES_WITHIN_MS = 400;

/** Slack's markup in a message, in which every other `<` is escaped. Source: Slack's "Formatting message text". */
const MARKUP = /<([^<>|]*)(?:\|([^<>]*))?>/g;

/** Markup in a command, whose text may be as it was typed: with `should_escape` in the manifest, Slack escapes it. */
const CERTAIN_MARKUP =
  /<(@[UW][A-Z0-9]+|#[CGD][A-Z0-9]+|![a-z]+(?:\^[^<>|]*)?|(?:https?:\/\/|mailto:)[^<>|\s]+)(?:\|([^<>]*))?>/g;

/** People and groups that Slack sent as bare ids, and channels: the name of a private one, which a command holds, isn't for everywhere. */
const LOOKED_UP = /<(?:(?:@|!subteam\^)([UWS][A-Z0-9]+)\|?>|#([CGD][A-Z0-9]+)(?:\|[^<>]*)?>)/g;

/** Names of the people, channels and groups in a text, as far as Slack must be asked. `channel`: where the text was written. */
export async function lookUpNames(
  { directory, approvalChannel }: Pick<ListenerContext, 'directory' | 'approvalChannel'>,
  text: string,
  channel: string,
): Promise<Names> {
  const ids = [...text.matchAll(LOOKED_UP)].map(([, id, channelId]) => id ?? channelId ?? '');
  if (ids.length === 0) return new Map();
  return await directory.namesOf([...new Set(ids)], {
    shownIn: approvalChannel ?? channel,
    withinMs: NAMES_WITHIN_MS,
  });
}

/** Converts a message's text into the text that its author saw: mentions, channels, links and dates become text. */
export function messageText(text: string, names: Names): string {
  return unescapeText(text.replaceAll(MARKUP, shownWith(names)));
}

/** Converts a command's text in the same way, if Slack escaped it: then each `&`, `<` and `>` is escaped, or part of markup. */
export function commandText(text: string, names: Names): string {
  const isEscaped = !/[<>]|&(?!(?:amp|lt|gt);)/.test(text.replaceAll(CERTAIN_MARKUP, ''));
  return isEscaped ? unescapeText(text.replaceAll(CERTAIN_MARKUP, shownWith(names))) : text;
}

function shownWith(names: Names): (markup: string, target: string, label?: string) => string {
  return (_, target, label = '') => {
    const id = target.replace(/^(?:[@#]|!subteam\^)/, '');
    switch (target[0]) {
      case '@':
        return `@${label || (names.get(id) ?? id)}`;
      case '#':
        return `#${names.get(id) ?? (label || id)}`;
      case '!':
        return label || `@${names.get(id) ?? id.replace(/^!/, '')}`;
      default:
        return link(target, label);
    }
  };
}

/** A link as its address, after its label if that differs. */
function link(url: string, label: string): string {
  const address = url.replace(/^mailto:/, '');
  const said = address.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return label === '' || label === said || label === address ? address : `${label} (${address})`;
}

function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
