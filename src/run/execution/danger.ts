import { readingsOf } from './rules.js';
import type { ToolSpec } from './tools.js';

/** Beginnings of words that name harm, or what can't be taken back. A word too many only costs a click. */
const IN_OWN_NAME =
  /^(?:delet|remov|destroy|eras|purg|wip(?:e|ing)|truncat|drop|send|sent|pay|transfer|refund|publish)/;
/** Such words in a server's name, where `dropbox` and `sendgrid` stand for much else. */
const IN_SERVER_NAME = /^(?:delete|remove|drop|send|pay|payments?|publish)$/;

/**
 * True if a tool may do harm: its server declares it destructive, or its name says so, in any spelling. People decide about each of its calls alone:
 * no approval covers a second one.
 */
export function isDangerous({
  name,
  aliases = [],
  destructive,
}: Pick<ToolSpec, 'name' | 'aliases' | 'destructive'>): boolean {
  return destructive === true || [name, ...aliases].some(namesHarm);
}

function namesHarm(name: string): boolean {
  const at = name.indexOf('__');
  const own = at > 0 ? name.slice(at + 2) : name;
  const server = at > 0 ? name.slice(0, at) : '';
  return has(own, IN_OWN_NAME) || has(server, IN_SERVER_NAME);
}

function has(name: string, word: RegExp): boolean {
  // `sendEmail` and `HTTPDelete` are two words each.
  const spaced = name.replaceAll(/([\p{Ll}\d])(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1$3 $2$4');
  return [spaced, ...readingsOf(spaced)]
    .flatMap((reading) => reading.toLowerCase().split(/[^\p{L}]+/u))
    .some((part) => word.test(part));
}
