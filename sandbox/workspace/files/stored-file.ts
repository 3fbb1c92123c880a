import type { SharedFile } from '../protocol.js';

/** An uploaded file, without its content. */
export interface StoredFile extends SharedFile {
  /** Uploader. */
  user: string;
  /** Seconds since 1970. */
  created: number;
  /** Messages that show it. */
  shares: { channel: string; ts: string; threadTs?: string }[];
}

/** The part of a file that a message stores. */
export function sharedFile({
  user: _user,
  created: _created,
  shares: _shares,
  ...file
}: StoredFile): SharedFile {
  return file;
}
