/** Place of a message in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
  /** The `ts` of the thread that it is a reply in. What belongs under it goes into that thread. */
  thread?: string;
}

/** Where the command was given, so that the asker can be answered there. */
export interface Origin {
  channel: string;
  /** The thread in it, for a run that was asked for in a thread. */
  thread?: string;
  /** Slack's `response_url`: five uses within 30 minutes of `at`. */
  responseUrl?: string;
  /** When the command came, ISO 8601. */
  at: string;
}
