import type { SharedFile } from '../protocol.js';

/** A file that was uploaded, without its content. */
export interface StoredFile extends SharedFile {
  /** Who uploaded it. */
  user: string;
  /** Seconds since 1970. */
  created: number;
  /** The messages that show it. */
  shares: { channel: string; ts: string; threadTs?: string }[];
}

/** What a message keeps of a file. */
export function sharedFile({
  user: _user,
  created: _created,
  shares: _shares,
  ...file
}: StoredFile): SharedFile {
  return file;
}
