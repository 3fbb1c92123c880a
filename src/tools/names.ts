import { createHash } from 'node:crypto';
import { MAX_TOOL_NAME } from './limits.js';

/** Divides the server's part of a name from the tool's; a server's part never holds it. */
const DIVIDER = '__';
/** Room for the tool's part is left. */
const MAX_SERVER = 32;

/** Returns the prefix of a server's tool names, `__` included. Two servers may share it; the configuration refuses that. */
export function prefixOf(server: string): string {
  const part = server
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, MAX_SERVER)
    .replaceAll(/^_+|_+$/g, '');
  return `${part || 'server'}${DIVIDER}`;
}

/** Returns `server__tool`. A name that doesn't fit is changed and ends in a hash of the real one, which keeps it unique and stable. */
export function toolName(server: string, tool: string): string {
  const prefix = prefixOf(server);
  const plain = prefix + tool;
  if (plain.length <= MAX_TOOL_NAME && /^[A-Za-z0-9_-]+$/.test(tool)) return plain;
  const hash = createHash('sha256').update(tool).digest('hex').slice(0, 6);
  const fitting = plain.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_TOOL_NAME - hash.length - 1);
  return `${fitting}_${hash}`;
}
