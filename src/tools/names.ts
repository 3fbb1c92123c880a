import { createHash } from 'node:crypto';
import unhomoglyph from 'unhomoglyph';
import { MAX_TOOL_NAME } from './limits.js';

/** Separates the server's part of a name from the tool's. The server's part never contains it. */
const DIVIDER = '__';
/** Limit for the server's part, so that the tool's part has room. */
const MAX_SERVER = 32;

/** Prefix of a server's tool names, including `__`. The configuration refuses two servers with one prefix. */
export function prefixOf(server: string): string {
  const part = server
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, MAX_SERVER)
    .replaceAll(/^_+|_+$/g, '');
  return `${part || 'server'}${DIVIDER}`;
}

/** Makes the name `server__tool`. A name that doesn't fit is shortened and ends in a hash of the original, so it is unique and stable. */
export function toolName(server: string, tool: string): string {
  const prefix = prefixOf(server);
  const plain = prefix + tool;
  if (plain.length <= MAX_TOOL_NAME && /^[A-Za-z0-9_-]+$/.test(tool)) return plain;
  const hash = createHash('sha256').update(tool).digest('hex').slice(0, 6);
  const fitting = plain.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_TOOL_NAME - hash.length - 1);
  return `${fitting}_${hash}`;
}

/** Other spellings of a tool's name, for rules: the server's own full name, and that name with look-alikes folded. Empty for a plain name. */
export function aliasesOf(server: string, tool: string): string[] {
  const full = prefixOf(server) + tool;
  return [...new Set([full, foldLookAlikes(full)])].filter((name) => name !== toolName(server, tool));
}

/** Replaces letters of other scripts by the Latin ones that they look like, by Unicode's confusables. Marks and invisible characters go. */
function foldLookAlikes(name: string): string {
  return toBaseLetters(toBaseLetters(name).replaceAll(/\P{ASCII}/gu, unhomoglyph));
}

function toBaseLetters(name: string): string {
  return name.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}\p{DI}]/gu, '');
}
