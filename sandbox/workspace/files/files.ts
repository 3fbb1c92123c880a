import { randomUUID } from 'node:crypto';
import { type Faults, SHARE } from '../faults.js';
import type { WorkspaceState } from '../state.js';
import type { Contents } from './contents.js';
import { kindOf, previewOf } from './kinds.js';
import type { StoredFile } from './stored-file.js';

/** Limit for a file, in bytes. Slack's is 1 GB. */
export const FILE_MAX_BYTES = 10_000_000;

/** Lifetime of an upload's address, in milliseconds. */
const UPLOAD_WITHIN_MS = 10 * 60_000;

interface Upload {
  id: string;
  name: string;
  /** Announced size, in bytes. */
  length: number;
  user: string;
  altText?: string;
  at: number;
  content?: Buffer;
}

/** Sharing of files. */
interface Sharing {
  faults: Faults;
  /** Time from the answer until a file shows, in milliseconds. */
  afterMs: number;
  closed: AbortSignal;
}

/** Uploads in Slack's three steps: announce, receive at a separate address, complete. A restart drops incomplete uploads. */
export class Files {
  /** By ticket. */
  #uploads = new Map<string, Upload>();

  constructor(
    readonly state: WorkspaceState,
    readonly contents: Contents,
    readonly sharing: Sharing,
  ) {}

  /** Announces an upload. The ticket is the last part of the upload's address. */
  announce(upload: Pick<Upload, 'name' | 'length' | 'user' | 'altText'>): { id: string; ticket: string } {
    const now = Date.now();
    for (const [ticket, { at }] of this.#uploads)
      if (now - at > UPLOAD_WITHIN_MS) this.#uploads.delete(ticket);
    const id = this.state.newId('F');
    const ticket = randomUUID();
    this.#uploads.set(ticket, { ...upload, id, at: now });
    return { id, ticket };
  }

  /** Receives an upload's content. Returns an error text if it is invalid. */
  receive(ticket: string, content: Buffer): string | undefined {
    const upload = this.#uploads.get(ticket);
    if (!upload) return 'There is no upload at this address';
    if (content.length !== upload.length)
      return `${content.length} bytes came, but ${upload.length} were announced`;
    upload.content = content;
    return undefined;
  }

  /** True if the upload can be completed. */
  isReceived(id: string): boolean {
    return this.#find(id)?.[1].content !== undefined;
  }

  /** Makes a file of a received upload. */
  complete(id: string, title: string | undefined): StoredFile {
    const [ticket, upload] = this.#find(id) ?? [];
    if (!ticket || !upload?.content) throw new Error(`Nothing was uploaded for ${id}`);
    const { name, content, user, altText } = upload;
    const kind = kindOf(name);
    const file: StoredFile = {
      id,
      name,
      title: title || name,
      ...kind,
      size: content.length,
      ...(altText && { altText }),
      ...previewOf(kind.mimetype, content),
      user,
      created: Math.floor(Date.now() / 1000),
      shares: [],
    };
    this.contents.put(id, content);
    this.#uploads.delete(ticket);
    this.state.fileChanged(file);
    return file;
  }

  /** Makes a file of a person's, as Slack's own clients upload it before its message is sent. */
  add({ name, content, user }: { name: string; content: Buffer; user: string }): StoredFile {
    const { id, ticket } = this.announce({ name, length: content.length, user });
    this.receive(ticket, content);
    return this.complete(id, undefined);
  }

  /** Shares files some time after the answer, as Slack does once it has checked them. Source: bolt-js#2115, node-slack-sdk#2260. */
  shareLater(share: () => void): void {
    const { faults, afterMs, closed } = this.sharing;
    const fault = faults.take(SHARE);
    if (fault && fault.kind !== 'slow') return;
    setTimeout(() => !closed.aborted && share(), fault?.delayMs ?? afterMs).unref();
  }

  #find(id: string): [string, Upload] | undefined {
    return [...this.#uploads].find(([, upload]) => upload.id === id);
  }
}
