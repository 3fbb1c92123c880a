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
 * Messages hold bare ids; an escaped command has names too (`isNamed`). Source: Slack's "Formatting message text" and "Slash commands".
 */
export function textOfTyped(typed: string, names: Names, { isNamed = false } = {}): string {
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(URL_OR_NAME, (whole, url?: string, sign?: string, name?: string) => {
    if (url) return `<${url}>`;
    return markup(sign, name ?? '', names, isNamed) ?? whole;
  });
}

function markup(sign: string | undefined, name: string, names: Names, isNamed: boolean): string | undefined {
  return sign === '@' ? mention(name, names, isNamed) : channelLink(name, names, isNamed);
}

function mention(handle: string, { people, userGroups }: Names, isNamed: boolean): string | undefined {
  const lower = handle.toLowerCase();
  const person = people.find(({ name }) => name === lower);
  if (person) return isNamed ? `<@${person.id}|${person.name}>` : `<@${person.id}>`;
  const group = userGroups.find((other) => other.handle === lower);
  return group && `<!subteam^${group.id}>`;
}

function channelLink(name: string, { channels }: Names, isNamed: boolean): string | undefined {
  const channel = channels.find((other) => other.kind === 'public' && other.name === name.toLowerCase());
  return channel && `<#${channel.id}|${isNamed ? channel.name : ''}>`;
}
