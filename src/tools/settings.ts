/** Configuration of an MCP server. */
export type ServerSettings = {
  name: string;
  /** Values that must not appear in logs and messages. */
  secrets?: string[];
  /** Time-out of a call. @default CALL_TIMEOUT_MS, which is also the highest */
  timeoutMs?: number;
} & (
  | { transport: 'stdio'; command: string; args: string[]; env: Record<string, string>; cwd?: string }
  /** Streamable HTTP, or else the older HTTP with SSE. */
  | { transport: 'http'; url: string; headers: Record<string, string> }
  /** A server that can't be started with this configuration; `problem` is a sentence with the reason. */
  | { transport: 'none'; problem: string }
);

/** Logger of the tools; pino's fits. */
export interface ToolLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
