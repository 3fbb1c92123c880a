import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoredFile } from './files/stored-file.js';
import type { GridOptions } from './grid.js';
import type { Channel, QueuedCommand } from './protocol.js';
import { newWorkspace, type WorkspaceData } from './seed.js';
import type { StoredMessage, StoredView } from './state.js';

/** One change, as a line of the journal. */
export type Change =
  | { message: StoredMessage }
  | { deleted: { channel: string; ts: string } }
  | { channel: Channel }
  | { file: StoredFile }
  | { deletedFile: string }
  | { home: { user: string; view: StoredView } }
  | { queued: QueuedCommand[] }
  | { read: { person: string; channel: string; ts: string } };

/**
 * Keeps a workspace in a file: its initial state, then a line for each change. A change is written before others see it, so a crash loses
 * nothing. An incomplete line is ignored.
 */
export function openJournal(
  path: string | undefined,
  grid?: GridOptions,
): { data: WorkspaceData; write(change: Change): void } {
  if (!path) return { data: newWorkspace(grid), write: () => {} };
  const data = existsSync(path) ? replay(readFileSync(path, 'utf8'), grid) : newWorkspace(grid);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.next`, `${JSON.stringify(data)}\n`);
  renameSync(`${path}.next`, path);
  return { data, write: (change) => appendFileSync(path, `${JSON.stringify(change)}\n`) };
}

function replay(text: string, grid?: GridOptions): WorkspaceData {
  const [first = '', ...lines] = text.split('\n');
  const kept = JSON.parse(first) as Omit<WorkspaceData, 'files' | 'queued'> & Partial<WorkspaceData>;
  const fresh = newWorkspace(kept.grid ?? grid);
  // People and groups come from this version and its policy, not from the file. A file of an older version lacks some fields.
  const { people, userGroups } = fresh;
  const { files = {}, queued = [] } = kept;
  const data: WorkspaceData = { ...kept, files, queued, people, userGroups };
  for (const line of lines) {
    if (line === '') continue;
    try {
      apply(data, JSON.parse(line) as Change);
    } catch {
      // A crash cut this line.
    }
  }
  return data;
}

function apply(data: WorkspaceData, change: Change): void {
  if ('message' in change) replaceOrAdd(data.messages, change.message, sameMessage(change.message));
  else if ('deleted' in change)
    data.messages = data.messages.filter((message) => !sameMessage(change.deleted)(message));
  else if ('channel' in change)
    replaceOrAdd(data.channels, change.channel, ({ id }) => id === change.channel.id);
  else if ('file' in change) data.files[change.file.id] = change.file;
  else if ('queued' in change) data.queued = change.queued;
  else if ('deletedFile' in change) delete data.files[change.deletedFile];
  else if ('home' in change) data.homes[change.home.user] = change.home.view;
  else {
    const { person, channel, ts } = change.read;
    data.read[person] = { ...data.read[person], [channel]: ts };
  }
}

function sameMessage({ channel, ts }: { channel: string; ts: string }) {
  return (other: StoredMessage) => other.channel === channel && other.ts === ts;
}

function replaceOrAdd<T>(list: T[], item: T, isSame: (other: T) => boolean): void {
  const index = list.findIndex(isSame);
  if (index === -1) list.push(item);
  else list[index] = item;
}
