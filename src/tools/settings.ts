/** An MCP server, as it was asked for. */
export type ServerSettings = {
  /** As the configuration names it. */
  name: string;
  /** What must not be read in a log or a message about it. */
  secrets?: string[];
} & (
  | { transport: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string }
  /** Streamable HTTP. */
  | { transport: 'http'; url: string; headers: Record<string, string> }
  /** It can't be started as it stands; `problem` says why, in a sentence. */
  | { transport: 'none'; problem: string }
);

/** What the tools need of a log; pino's is one. */
export interface ToolLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** How one call is bounded. */
export interface CallContext {
  signal?: AbortSignal;
}
