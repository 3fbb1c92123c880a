/**
 * Converts a message to the app into the text that its author saw. The app's own mention is removed; Slack's markup of mentions,
 * channels, links and dates becomes text. Source: Slack's "Formatting message text".
 */
export function mentionText(botUser: string, text: string): string {
  const own = new RegExp(`[ \\t]*<@${botUser}(\\|[^<>]*)?>[ \\t]*`, 'g');
  return text
    .replaceAll(own, ' ')
    .replaceAll(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, target: string, label = '') => shown(target, label))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
    .replace(/^[,:]\s*/, '');
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
