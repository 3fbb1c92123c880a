import type { Channel, Person, UserGroup } from './protocol.js';

interface Names {
  people: Person[];
  userGroups: UserGroup[];
  channels: Channel[];
}

const URL_OR_NAME =
  /(https?:\/\/[^\s<>]*[^\s<>.,;:!?)"'])|(?<![\w@#])([@#])([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)/gi;

/**
 * Converts typed text like Slack: `&`, `<` and `>` are escaped; `@handle`, `@group`, `#channel` and addresses become Slack's `<…>`.
 * Source: Slack's "Formatting message text".
 */
export function textOfTyped(typed: string, names: Names): string {
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(URL_OR_NAME, (whole, url?: string, sign?: string, name?: string) => {
    if (url) return `<${url}>`;
    return (sign === '@' ? mention(name ?? '', names) : channelLink(name ?? '', names)) ?? whole;
  });
}

function mention(handle: string, { people, userGroups }: Names): string | undefined {
  const lower = handle.toLowerCase();
  const person = people.find(({ name }) => name === lower);
  if (person) return `<@${person.id}>`;
  const group = userGroups.find((other) => other.handle === lower);
  return group && `<!subteam^${group.id}>`;
}

function channelLink(name: string, { channels }: Names): string | undefined {
  const channel = channels.find((other) => other.kind === 'public' && other.name === name.toLowerCase());
  return channel && `<#${channel.id}|${channel.name}>`;
}
