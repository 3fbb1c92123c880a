import { readServers, readVariable } from '../config/environment.js';
import { readLoginKeys } from '../config/secrets/login-keys.js';
import { openLedger } from '../ledger/index.js';
import { ConfigError, CountersignError } from '../platform/errors.js';
import type { HttpServer, ServerSettings } from '../tools/index.js';
import type { Person } from '../tools/mcp/oauth/callback.js';
import { logIn } from '../tools/mcp/oauth/log-in.js';
import { createLogins, type LoginFlow, type Logins } from '../tools/mcp/oauth/logins.js';
import { revoke } from '../tools/mcp/oauth/revoke.js';
import { usesLogin } from '../tools/mcp/oauth/with-login.js';
import { prepareEnvironment } from './prepare-environment.js';

/** A command behind `countersign mcp`. */
export type McpCommand =
  | { verb: 'list' }
  | { verb: 'login'; server: string; flow: LoginFlow }
  | { verb: 'logout'; server: string };

/** Carries a command out with the environment and the terminal of this process. */
export async function runMcpHere(command: McpCommand): Promise<void> {
  await runMcp(command, prepareEnvironment(), { say: (line) => console.log(line), input: process.stdin });
}

/** Logs in to an MCP server or out of it, or lists the servers with their logins. */
export async function runMcp(command: McpCommand, env: NodeJS.ProcessEnv, person: Person): Promise<void> {
  const servers = readServers(env);
  const server = command.verb === 'list' ? undefined : findServer(servers, command.server);
  const databaseUrl = readVariable(env, 'DATABASE_URL');
  const create = command.verb === 'login';
  const keys = readLoginKeys(databaseUrl, readVariable(env, 'PAYLOAD_KEYS').keys, { create });
  const ledger = await openLedger(databaseUrl);
  try {
    const logins = createLogins(ledger, () => keys);
    if (!server) await list(servers, logins, person);
    else if (command.verb === 'login') {
      await logins.write(await logIn(server, command.flow, person));
      person.say(`Logged in to ${server.name}. A service that runs uses the login within a minute.`);
    } else await logOut(server, logins, person);
  } finally {
    await ledger.close();
  }
}

function findServer(servers: ServerSettings[], name: string): HttpServer {
  const server = servers.find((one) => one.name === name);
  const fail = (why: string) => new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${why}`);
  if (!server) {
    const names = servers.map((one) => one.name).join(', ') || 'none';
    throw fail(`there is no server "${name}". The servers: ${names}.`);
  }
  if (server.transport === 'none') throw fail(`server "${name}": ${server.problem}`);
  if (server.transport !== 'http')
    throw fail(
      `server "${name}" is started by its command, so there is no login. It reads credentials from its env.`,
    );
  if (!usesLogin(server))
    throw fail(
      `server "${name}" has an Authorization header, which a login would not replace. Remove the header first.`,
    );
  return server;
}

async function logOut(server: HttpServer, logins: Logins, { say }: Person): Promise<void> {
  const { name } = server;
  const login = await logins.read(name).catch(() => 'unreadable' as const);
  if (!login) throw new CountersignError('NotLoggedIn', `There is no login at ${name}.`);
  const isRevoked = login !== 'unreadable' && (await revoke(login));
  await logins.remove(name);
  const rest = isRevoked
    ? ''
    : ` ${name} was not told: to end its tokens at once, look for Countersign in your account there.`;
  say(`Logged out of ${name}.${rest}`);
}

async function list(servers: ServerSettings[], logins: Logins, { say }: Person): Promise<void> {
  if (servers.length === 0) say('MCP_CONFIG names no server.');
  for (const server of servers) say(`${server.name}: ${await describe(server, logins)}`);
}

async function describe(server: ServerSettings, logins: Logins): Promise<string> {
  if (server.transport === 'none') return server.problem;
  if (server.transport !== 'http') return 'started by its command, no login';
  const { name, url } = server;
  if (!usesLogin(server)) return `${url}, Authorization header from MCP_CONFIG`;
  try {
    const login = await logins.read(name);
    if (!login) return `${url}, no login`;
    if (login.url !== url) return `${url}, but the login is for ${login.url}. Log in again.`;
    return `${url}, logged in (${login.flow}), token of ${login.issuedAt}`;
  } catch (error) {
    return error instanceof CountersignError ? error.message : String(error);
  }
}
