/** Kind of file that can be read. */
export type FileKind = 'text' | 'pdf' | 'image';

/** Content of a file. `isCut`: it is only the beginning. An image is in Base64. */
export type FileContent =
  | { kind: 'text'; text: string; isCut?: true }
  | { kind: 'image'; mediaType: string; data: string };

/** A file of a thread, as the model gets it. `by`: name of the person or app that shared it. */
export interface ThreadFile {
  name: string;
  by: string;
  content: FileContent;
}

/** A file that was not read. `why` is the end of a sentence. */
export interface UnreadFile {
  name: string;
  why: string;
}

/** Summary of what was read of a thread, for people. */
export interface ThreadReading {
  /** Number of messages that the model gets. */
  messages: number;
  /** Number of older messages that were left out. */
  older: number;
  files: { name: string; isCut?: true }[];
  unread: UnreadFile[];
  /** SHA-256 of everything that the model gets, in hex. */
  digest: string;
  /** Slack's reason for showing nothing of the thread. */
  problem?: string;
}

/** Messages and files of a thread. All texts are those of others, with nothing hidden in them. */
export interface ThreadContext extends Omit<ThreadReading, 'files'> {
  /** The messages, oldest first: who wrote what and when. */
  transcript: string;
  files: ThreadFile[];
}

export function readingOf({ transcript: _, files, ...reading }: ThreadContext): ThreadReading {
  const names = files.map(({ name, content }) => ({
    name,
    ...('isCut' in content && content.isCut && { isCut: content.isCut }),
  }));
  return { ...reading, files: names };
}

/** The part of a card that says what was read of the thread. */
export function cardReading(thread: ThreadContext | undefined): { read?: ThreadReading } {
  return thread ? { read: readingOf(thread) } : {};
}

/** The thread for the model; undefined where it holds nothing. */
export function threadForModel(thread: ThreadContext | undefined): ThreadContext | undefined {
  return thread && thread.messages + thread.files.length > 0 ? thread : undefined;
}
