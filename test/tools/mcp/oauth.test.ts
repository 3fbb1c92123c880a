import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { OAuthServerInfo } from '@modelcontextprotocol/sdk/client/auth.js';
import { type McpCommand, runMcp } from '../../../src/cli/mcp.js';
import { readServers } from '../../../src/config/environment.js';
import { readLoginKeys } from '../../../src/config/secrets/login-keys.js';
import { openLedger } from '../../../src/ledger/index.js';
import { textOf } from '../../../src/run/execution/tools.js';
import { createLogins, createToolbox, withLogins } from '../../../src/tools/index.js';
import { openCallback } from '../../../src/tools/mcp/oauth/callback.js';
import type { LoginFlow } from '../../../src/tools/mcp/oauth/logins.js';
import { explain } from '../../../src/tools/mcp/oauth/renew-tokens.js';
import { startOAuthServer } from '../../support/mcp/oauth-server.js';

const folder = mkdtempSync(join(tmpdir(), 'oauth-'));
after(() => rmSync(folder, { recursive: true }));

let logged: string[] = [];
const write = (fields: object, message: string) => logged.push(`${JSON.stringify(fields)} ${message}`);
const log = { debug: write, info: write, warn: write };

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 75_000; !(await holds()); await pause(30))
    assert.ok(Date.now() < deadline, `in time: ${what}`);
}

/** Metadata of an authorization server that gives itself this name; `always`: it names itself in each answer. */
function metadata(issuer: string, always?: boolean): Pick<OAuthServerInfo, 'authorizationServerMetadata'> {
  const [authorization_endpoint, token_endpoint] = [`${issuer}/authorize`, `${issuer}/token`];
  const endpoints = { authorization_endpoint, token_endpoint, response_types_supported: ['code'] };
  const says = always !== undefined && { authorization_response_iss_parameter_supported: always };
  return { authorizationServerMetadata: { issuer, ...endpoints, ...says } };
}

describe('an MCP server that wants OAuth', () => {
  let server: Awaited<ReturnType<typeof startOAuthServer>>;
  let env: NodeJS.ProcessEnv;
  let said: string[];
  const closing: (() => Promise<unknown>)[] = [];
  let count = 0;

  const setUp = async (options: Parameters<typeof startOAuthServer>[0] = {}, oauth?: object) => {
    server = await startOAuthServer(options);
    closing.push(server.stop);
    count += 1;
    const own = join(folder, String(count));
    const config = `${own}.json`;
    const entry = { type: 'http', url: server.url, ...(oauth && { oauth }) };
    writeFileSync(config, JSON.stringify({ mcpServers: { locked: entry } }));
    env = { MCP_CONFIG: config, DATABASE_URL: `file:${own}/ledger.db` };
    return own;
  };
  beforeEach(() => {
    [said, logged] = [[], []];
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const input = () => new PassThrough();
  const run = (command: McpCommand, person: Partial<{ input: PassThrough }> = {}) =>
    runMcp(command, env, { say: (line) => said.push(line), input: input(), ...person });
  const login = (flow: LoginFlow = 'browser', server = 'locked'): McpCommand => ({
    verb: 'login',
    server,
    flow,
  });
  const logout: McpCommand = { verb: 'logout', server: 'locked' };
  /** The address that the command shows. */
  const shown = async (): Promise<string> => {
    let address: string | undefined;
    await until('an address is shown', () => {
      address = /https?:\/\/\S+/.exec(said.join('\n'))?.[0];
      return address !== undefined;
    });
    return address ?? '';
  };
  const logInByBrowser = async () => {
    said = [];
    const loggedIn = run(login());
    const page = await Promise.race([shown().then((address) => fetch(address)), loggedIn]);
    if (page) assert.match(await page.text(), /Countersign has the answer/);
    await loggedIn;
  };
  /** The tools as a service has them; each call is a process of its own. */
  const openTools = async () => {
    const databaseUrl = env.DATABASE_URL ?? '';
    const ledger = await openLedger(databaseUrl);
    const logins = createLogins(ledger, () => readLoginKeys(databaseUrl, []));
    const toolbox = createToolbox({ servers: withLogins(readServers(env), logins), log });
    closing.push(ledger.close, toolbox.close);
    await toolbox.started();
    return toolbox;
  };
  type Tools = Awaited<ReturnType<typeof openTools>>;
  const ping = async (tools: Tools) => textOf(await tools.call('locked__ping', {}));

  it('says what to run, and comes up once somebody has logged in by browser', async () => {
    await setUp();
    const tools = await openTools();
    const [problem] = tools.problems();
    assert.match(problem?.reason ?? '', /wants a login \(401\)\. Run "countersign mcp login locked"/);
    await logInByBrowser();
    assert.match(said.at(-1) ?? '', /Logged in to locked/);
    await until('the server is up', () => tools.problems().length === 0);
    assert.equal(await ping(tools), 'pong');
    assert.equal(server.clients.size, 1);
    assert.deepEqual([...server.seen.resources], [server.url]);
  });

  it('keeps its tokens encrypted, under a key that only its owner can read', async () => {
    const own = await setUp();
    await logInByBrowser();
    const ledger = await openLedger(env.DATABASE_URL ?? '');
    const row = await ledger.readLogin('locked');
    const login = await createLogins(ledger, () => readLoginKeys(env.DATABASE_URL ?? '', [])).read('locked');
    await ledger.close();
    assert.ok(login && row);
    for (const file of ['ledger.db', 'ledger.db-wal']) {
      const bytes = readFileSync(join(own, file), { flag: 'a+' });
      assert.ok(
        !bytes.includes(login.tokens.access_token) && !bytes.includes(login.tokens.refresh_token ?? '?'),
      );
    }
    assert.equal(statSync(join(own, 'ledger.db.key')).mode & 0o777, 0o600);
    // A row that is copied to another server's name is refused.
    const copied = await openLedger(env.DATABASE_URL ?? '');
    await copied.writeLogin('another', row);
    const logins = createLogins(copied, () => readLoginKeys(env.DATABASE_URL ?? '', []));
    await assert.rejects(logins.read('another'), /was changed/);
    await copied.close();
  });

  it('takes an address that is pasted where the browser is on another machine', async () => {
    await setUp();
    const typed = input();
    const loggedIn = run(login(), { input: typed });
    const answer = await fetch(await shown(), { redirect: 'manual' });
    typed.write('nonsense\n');
    typed.write(`${answer.headers.get('location')}\n`);
    await loggedIn;
    assert.match(said.join('\n'), /not the address at which this login ends/);
    assert.equal(await ping(await openTools()), 'pong');
  });

  it('takes no answer that another page sends to its callback', async () => {
    await setUp();
    const loggedIn = run(login());
    const address = new URL(await shown());
    const callback = new URL(address.searchParams.get('redirect_uri') ?? '');
    callback.search = '?code=forged&state=guessed';
    assert.equal((await fetch(callback)).status, 404);
    await fetch(address);
    await loggedIn;
  });

  it('logs in with a code on another device', async () => {
    await setUp();
    const loggedIn = run(login('device'));
    assert.match(await shown(), /activate/);
    await until('it asks again and again', () => server.deviceQuestions() > 2);
    server.approveDevices();
    await loggedIn;
    assert.equal(await ping(await openTools()), 'pong');
  });

  it('logs in with the client’s own secret, and renews that', async () => {
    await setUp({}, { clientId: 'machine', clientSecret: 'hush' });
    await run(login('client-credentials'));
    const tools = await openTools();
    assert.equal(await ping(tools), 'pong');
    server.expire();
    assert.equal(await ping(tools), 'pong');
  });

  it('uses the client id of the configuration where no client can be registered', async () => {
    await setUp({ registers: false });
    await assert.rejects(run(login()), /registered no client.*"oauth": \{"clientId"/s);
    await closing.pop()?.();
    await setUp({ registers: false }, { clientId: 'by-hand', callbackPort: 48_123 });
    server.addClient({
      client_id: 'by-hand',
      redirect_uris: ['http://localhost:48123/callback'],
      token_endpoint_auth_method: 'none',
    });
    await logInByBrowser();
    assert.equal(await ping(await openTools()), 'pong');
  });

  it('renews a token that the server no longer takes, once for all processes', async () => {
    await setUp();
    await logInByBrowser();
    const processes = await Promise.all([1, 2, 3].map(openTools));
    server.expire();
    const answers = await Promise.all(processes.flatMap((tools) => [ping(tools), ping(tools)]));
    assert.deepEqual(new Set(answers), new Set(['pong']));
    assert.deepEqual([server.seen.refreshes, server.seen.reused], [1, 0]);
  });

  it('renews a token before it expires', async () => {
    await setUp({ tokenSeconds: 2 });
    await logInByBrowser();
    const tools = await openTools();
    const { refused } = server.seen;
    await pause(1_500);
    assert.equal(await ping(tools), 'pong');
    assert.ok(server.seen.refreshes > 0);
    assert.equal(server.seen.refused, refused);
  });

  it('says that its login is over, asks for no token in vain, and works after the next login', async () => {
    await setUp();
    await logInByBrowser();
    const tools = await openTools();
    server.endLogins();
    await assert.rejects(ping(tools), /login is over \(invalid_grant\)\. Run "countersign mcp login locked"/);
    await assert.rejects(ping(tools), /Run "countersign mcp login locked"/);
    assert.equal(server.seen.refreshes, 1);
    await logInByBrowser();
    await until('the server is up', () => tools.problems().length === 0);
    assert.equal(await ping(tools), 'pong');
  });

  it('says that the authorization server is away, and goes on when it is back', async () => {
    await setUp();
    await logInByBrowser();
    const tools = await openTools();
    server.expire();
    server.answerTokens(false);
    await assert.rejects(ping(tools), { code: 'ToolUnavailable', retryable: true });
    server.answerTokens(true);
    await until('it is back', () => tools.problems().length === 0);
    assert.equal(await ping(tools), 'pong');
  });

  it('lists logins, and ends one at the server, too', async () => {
    await setUp();
    await run({ verb: 'list' });
    assert.match(said.join(), /locked: http.*no login/);
    await logInByBrowser();
    const tools = await openTools();
    said = [];
    await run({ verb: 'list' });
    assert.match(said.join(), /logged in \(browser\)/);
    await run(logout);
    assert.match(said.at(-1) ?? '', /^Logged out of locked\.$/);
    await assert.rejects(ping(tools), /Run "countersign mcp login locked"/);
    await assert.rejects(run(logout), /no login at locked/);
    await assert.rejects(run(login('browser', 'nobody')), /no server "nobody"/);
    await server.stop();
    await assert.rejects(run(login()), /login at locked failed: it can't be reached \(ECONNREFUSED\)/);
  });

  it('stays logged out when somebody logs out while its login is renewed', async () => {
    await setUp();
    await logInByBrowser();
    const tools = await openTools();
    server.expire();
    const call = ping(tools).catch(() => 'it may be refused');
    await until('the renewal is under way', () => server.seen.refreshes === 1);
    await run(logout);
    await call;
    said = [];
    await run({ verb: 'list' });
    assert.match(said.join(), /locked: http.*no login/);
  });

  it('repeats no token, and obeys nobody, in its words about a failure', () => {
    const raw = new Error('HTTP 500: Invalid OAuth error response. Raw body: {"refresh_token":"r-123"}');
    assert.equal(explain(raw), 'HTTP 500: Invalid OAuth error response.'.replace(/\.$/, ''));
    const said = explain(new Error('no token r-123\u001b[2J of ours. '.repeat(100)), ['r-123', undefined]);
    assert.match(said, /^no token \[redacted\]⟨U\+001B⟩\[2J of ours/);
    assert.ok(said.length <= 300 && !said.includes('\u001b'));
  });

  it('takes no code of another authorization server, also from one that gives itself its name', async () => {
    const good = { authorizationServerUrl: 'https://good.example/' };
    const issuer = 'https://honest.example';
    const cases: [OAuthServerInfo, string | undefined, RegExp | undefined][] = [
      [{ ...good, ...metadata('https://good.example') }, 'https://good.example', undefined],
      [{ ...good, ...metadata('https://good.example') }, undefined, undefined],
      [{ ...good, ...metadata('https://good.example') }, issuer, /answer is from https:\/\/honest\.example/],
      [
        { authorizationServerUrl: 'https://evil.example/', ...metadata(issuer) },
        issuer,
        /not from https:\/\/evil/,
      ],
      [{ ...good, ...metadata('https://good.example', true) }, undefined, /doesn't say which/],
    ];
    for (const [asked, from, refused] of cases) {
      const callback = await openCallback();
      const code = callback.awaitCode(asked, { say: () => {}, input: input() });
      const query = new URLSearchParams({ state: callback.state, code: 'c', ...(from && { iss: from }) });
      const [outcome] = await Promise.all([
        code.then(
          (got) => got,
          (error: Error) => error.message,
        ),
        fetch(`${callback.redirectUrl}?${query}`),
      ]);
      callback.close();
      if (refused) assert.match(outcome, refused);
      else assert.equal(outcome, 'c');
    }
  });

  it('goes on while the ledger’s database is away, and says so where it needs the database', async () => {
    await setUp();
    await logInByBrowser();
    const databaseUrl = env.DATABASE_URL ?? '';
    const ledger = await openLedger(databaseUrl);
    const logins = createLogins(ledger, () => readLoginKeys(databaseUrl, []));
    const away = () => Promise.reject(new Error('the database is away'));
    const toolbox = createToolbox({ servers: withLogins(readServers(env), logins), log });
    closing.push(ledger.close, toolbox.close);
    await until('the server is up', () => toolbox.problems().length === 0);
    logins.read = away;
    assert.equal(await ping(toolbox), 'pong');
    server.expire();
    await assert.rejects(ping(toolbox), /login can't be read: the database is away/);
  });

  it('shows no token in the log', async () => {
    await setUp();
    await logInByBrowser();
    const tools = await openTools();
    await ping(tools);
    server.endLogins();
    await ping(tools).catch(() => 'it is over');
    assert.doesNotMatch(logged.join('\n'), /[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});
