import type { Access } from './mcp/oauth/access.js';

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
  | {
      transport: 'http';
      url: string;
      headers: Record<string, string>;
      oauth?: OAuthSettings;
      access?: Access;
    }
  /** A server that can't be started with this configuration; `problem` is a sentence with the reason. */
  | { transport: 'none'; problem: string }
);

/** A server that is reached over HTTP. `access`: its access tokens, from a login. */
export type HttpServer = Extract<ServerSettings, { transport: 'http' }>;

/** Settings for logging in to a server. The server itself tells the unset ones. */
export interface OAuthSettings {
  /** Id of a client that is registered with the authorization server. Unset: the login registers one. */
  clientId?: string;
  clientSecret?: string;
  /** Separated by spaces. Unset: those for which the server asks. */
  scopes?: string;
  /** Port of `http://localhost:<port>/callback`, where a browser ends up. Unset: any free port. */
  callbackPort?: number;
}

/** Logger of the tools; pino's fits. */
export interface ToolLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
