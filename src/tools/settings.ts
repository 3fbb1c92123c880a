/** An MCP server, as it is configured. */
export type ServerSettings = {
  name: string;
  /** Values that must not appear in a log or a message about it. */
  secrets?: string[];
} & (
  | { transport: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string }
  /** Streamable HTTP. */
  | { transport: 'http'; url: string; headers: Record<string, string> }
  /** A server that can't be started with this configuration; `problem` says why, in a sentence. */
  | { transport: 'none'; problem: string }
);

/** A log, as the tools use it; pino's is one. */
export interface ToolLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
