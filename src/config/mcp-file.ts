import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../errors.js';
import type { ServerSettings } from '../tools/index.js';
import { prefixOf } from '../tools/names.js';

const strings = z.record(z.string(), z.string());
const file = z.looseObject({ mcpServers: z.record(z.string().min(1), z.looseObject({})) });
const stdio = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: strings.default({}),
  cwd: z.string().min(1).optional(),
});
const http = z.object({ url: z.string().min(1), headers: strings.default({}) });

/** `${NAME}` or `${NAME:-default}`. */
const VARIABLE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
/** Other clients' ways to write a variable; they would be sent as they stand. */
const FOREIGN = /\$\{(?:env|input):[^}]*\}/;
/** Shorter values are not hidden from logs: half of every text would go with them. */
const MIN_SECRET = 8;

type Fail = (problem: string, cause?: unknown) => ConfigError;

/**
 * Reads the MCP servers, in the format that MCP clients share: `mcpServers`, by name, with `command` or `url`. In every value
 * `${VAR}` stands for a variable, `${VAR:-default}` for it or the default; empty means unset. Keys of other clients are left alone,
 * but for `disabled`. A server that asks for a variable which isn't set can't be started; the others run.
 *
 * @throws ConfigError that names the file, the server and the key.
 */
export function readMcpConfig(path: string, env: NodeJS.ProcessEnv): ServerSettings[] {
  const fail: Fail = (what, cause) => new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${path}${what}`, { cause });
  const parsed = file.safeParse(readJson(path, fail));
  if (!parsed.success) throw fail(`: ${firstOf(parsed.error)}. It must be {"mcpServers": {"name": {…}}}.`);
  const enabled = Object.entries(parsed.data.mcpServers).filter(([, given]) => given.disabled !== true);
  for (const [index, [name]] of enabled.entries()) {
    const twin = enabled.slice(0, index).find(([other]) => prefixOf(other) === prefixOf(name));
    if (!twin) continue;
    const both = `its tools would be called ${prefixOf(name)}…, as those of "${twin[0]}"`;
    throw fail(`, server "${name}": ${both}. Give one of them another name.`);
  }
  return enabled.map(([name, given]) =>
    readServer(name, given, env, (what, cause) => fail(`, server "${name}": ${what}`, cause)),
  );
}

function readServer(
  name: string,
  given: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  fail: Fail,
): ServerSettings {
  const parsed = (transportOf(given, fail) === 'stdio' ? stdio : http).safeParse(given);
  if (!parsed.success) throw fail(`${firstOf(parsed.error)}.`);
  const { values, missing, used } = expandVariables(parsed.data, env, fail);
  if (missing.length > 0) {
    const problem = `${missing.join(' ')} Set it, or take the server out of MCP_CONFIG.`;
    return { name, transport: 'none', problem };
  }
  const isSecret = (value: string) => value.length >= MIN_SECRET && !value.startsWith('/');
  const own = Object.values('url' in values ? values.headers : values.env);
  const secrets = [...new Set([...used, ...own])].filter(isSecret);
  if ('url' in values) {
    checkHttp(values, fail);
    return { name, secrets, transport: 'http', ...values };
  }
  const { cwd, ...rest } = values;
  return { name, secrets, transport: 'stdio', ...rest, ...(cwd !== undefined && { cwd }) };
}

function transportOf({ type, command, url }: Record<string, unknown>, fail: Fail): 'stdio' | 'http' {
  if (type === 'sse') {
    throw fail(
      'type: "sse" is not supported; MCP replaced it. Use "http" and the address of the server’s streamable HTTP endpoint, which often ends in /mcp.',
    );
  }
  if (type !== undefined && !['stdio', 'http', 'streamable-http'].includes(String(type))) {
    throw fail(`type: ${JSON.stringify(type)} is unknown. Use "stdio" with a command, or "http" with a url.`);
  }
  if (command !== undefined && url !== undefined)
    throw fail('has both command and url. Take one of them out.');
  const named = type === undefined ? undefined : type === 'stdio' ? 'stdio' : 'http';
  if (command === undefined && url === undefined) {
    const key = named === 'stdio' ? 'command' : named === 'http' ? 'url' : 'command or url';
    throw fail(`${key} is missing. A server has a command to run, or the url of one that runs.`);
  }
  const found = command === undefined ? 'http' : 'stdio';
  if (named !== undefined && named !== found) {
    throw fail(`type: "${String(type)}" doesn’t go with ${found === 'http' ? 'url' : 'command'}.`);
  }
  return found;
}

/** Puts the variables into every string. Also returns the values that it `used`, and a sentence about each that is `missing`. */
function expandVariables<T>(
  given: T,
  env: NodeJS.ProcessEnv,
  fail: Fail,
): { values: T; missing: string[]; used: string[] } {
  const missing: string[] = [];
  const used: string[] = [];
  const expand = <V>(value: V, path: string[]): V => {
    if (Array.isArray(value)) return value.map((part, index) => expand(part, [...path, String(index)])) as V;
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).map(([key, part]) => [key, expand(part, [...path, key])]);
      return Object.fromEntries(entries) as V;
    }
    if (typeof value !== 'string') return value;
    const key = path.join('.');
    const foreign = FOREIGN.exec(value)?.[0];
    if (foreign) throw fail(`${key}: ${foreign} is not understood here. Write \${NAME} instead.`);
    return value.replaceAll(VARIABLE, (_, name: string, otherwise?: string) => {
      const set = env[name];
      if (set) used.push(set);
      else if (otherwise === undefined) missing.push(`${key} needs ${name}, which is not set.`);
      return set || (otherwise ?? '');
    }) as V;
  };
  return { values: expand(given, []), missing, used };
}

/** Checks address and headers: `fetch` would refuse them later, without naming the place in the file. */
function checkHttp({ url, headers }: z.infer<typeof http>, fail: Fail): void {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw fail('url: is no http(s) address.');
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw fail('url: must not hold a user name or a password. Use headers, such as Authorization.');
  }
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch (error) {
      throw fail(`headers.${name}: can’t be sent as a header.`, error);
    }
  }
}

function readJson(path: string, fail: Fail): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fail(' can’t be read. Create it, or unset the variable.', error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const line = text.slice(0, placeOf(said, text)).split('\n').length;
    throw fail(`, line ${line}: is not JSON (${said.replaceAll(/\s+/g, ' ')}).`, error);
  }
}

/** Finds the place where V8 says that a text isn't JSON: at a position, in an excerpt of twenty characters around it, or at the end. */
function placeOf(said: string, text: string): number {
  const position = /at position (\d+)/.exec(said)?.[1];
  if (position !== undefined) return Number(position);
  const [, token = '', before, excerpt] =
    /^Unexpected token '(.+?)', (\.\.\.)?"([\s\S]*?)"(?:\.\.\.)? is not/.exec(said) ?? [];
  if (excerpt === undefined) return text.length;
  return text.indexOf(excerpt) + (before ? 10 : excerpt.indexOf(token));
}

function firstOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? ''}`;
}
