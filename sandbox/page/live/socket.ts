import type { PageEvent, PageRequest, SharedFile } from '../../workspace/protocol.js';
import type { WorkspaceEvent } from '../state/actions.js';

/** A request without its id. */
export type Request = PageRequest extends infer R ? (R extends PageRequest ? Omit<R, 'id'> : never) : never;

export type Answer =
  | { ok: true; channel?: string }
  | { ok: false; error: string; errors?: Record<string, string> };

const RETRY_MS = 500;
const RETRY_MAX_MS = 5_000;

export interface Live {
  request(request: Request): Promise<Answer>;
  /** Address of a file's content, valid for this page only. */
  fileUrl(file: Pick<SharedFile, 'id' | 'name'>): string;
  /** Uploads a file of a person; resolves with its id, undefined if the workspace refuses it. */
  upload(file: File, as: string): Promise<string | undefined>;
}

/** Keeps one WebSocket to the workspace. Events arrive on it; requests go out on it. */
export function connect(
  token: string,
  on: { event(event: WorkspaceEvent): void; link(link: 'connecting' | 'live' | 'lost'): void },
): Live {
  const waiting = new Map<number, (answer: Answer) => void>();
  let socket: WebSocket | undefined;
  let count = 0;
  let failures = 0;

  const open = () => {
    const current = new WebSocket(`ws://${location.host}/page/socket?token=${token}`);
    socket = current;
    current.addEventListener('message', ({ data }) => {
      failures = 0;
      const event = JSON.parse(String(data)) as PageEvent;
      if (event.type !== 'answer') {
        on.event(event);
        return;
      }
      const { id: _, type: _type, ...answer } = event;
      waiting.get(event.id)?.(answer);
      waiting.delete(event.id);
    });
    current.addEventListener('close', () => {
      for (const settle of waiting.values())
        settle({ ok: false, error: 'The connection to the sandbox was lost. Try again.' });
      waiting.clear();
      on.link('lost');
      failures += 1;
      // A restarted sandbox has a new token, which only a reload of the page brings.
      if (failures > 2) void reloadWhenBack();
      setTimeout(open, Math.min(RETRY_MS * failures, RETRY_MAX_MS));
    });
  };
  open();

  return {
    fileUrl: ({ id, name }) => `/files/${id}/${encodeURIComponent(name)}?token=${token}`,
    async upload(file, as) {
      const query = new URLSearchParams({ token, as, name: file.name });
      try {
        const answer = await fetch(`/page/files?${query}`, { method: 'POST', body: file });
        return answer.ok ? await answer.text() : undefined;
      } catch {
        return undefined;
      }
    },
    request(request) {
      if (socket?.readyState !== WebSocket.OPEN) {
        return Promise.resolve({
          ok: false,
          error: 'The sandbox is not running. Start it again: npm run sandbox',
        });
      }
      count += 1;
      const id = count;
      socket.send(JSON.stringify({ id, ...request }));
      return new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}

/** Reloads the page if a sandbox answers. */
async function reloadWhenBack(): Promise<void> {
  try {
    if ((await fetch('/', { cache: 'no-store' })).ok) location.reload();
  } catch {
    // The sandbox isn't back yet; the next attempt checks again.
  }
}
