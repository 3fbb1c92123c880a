/**
 * Converts a message to the app into the text that its author saw. The app's own mention is removed; Slack's markup of mentions,
 * channels, links and dates becomes text. Source: Slack's "Formatting message text".
 */
export function mentionText(botUser: string, text: string): string {
  const own = new RegExp(`<@${botUser}(?:\\|[^<>]*)?>`);
  return text
    .split(own)
    .map((part, at, { length }) => trimBlanks(part, { start: at > 0, end: at < length - 1 }))
    .join(' ')
    .replaceAll(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, target: string, label = '') => shown(target, label))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
    .replace(/^[,:]\s*/, '');
}

/** Removes spaces and tabs, in linear time: a regular expression at the end of a text would try each of its blanks. */
function trimBlanks(text: string, { start, end }: { start: boolean; end: boolean }): string {
  let [from, to] = [0, text.length];
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t';
  while (start && from < to && isBlank(from)) from += 1;
  while (end && to > from && isBlank(to - 1)) to -= 1;
  return text.slice(from, to);
}

function shown(target: string, label: string): string {
  switch (target[0]) {
    case '@':
      return `@${label || target.slice(1)}`;
    case '#':
      return `#${label || target.slice(1)}`;
    case '!':
      return label || `@${target.slice(1).replace(/^subteam\^/, '')}`;
    default:
      return link(target, label);
  }
}

/** A link as its address, after its label if that differs. */
function link(url: string, label: string): string {
  const address = url.replace(/^mailto:/, '');
  const said = address.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return label === '' || label === said || label === address ? address : `${label} (${address})`;
}
