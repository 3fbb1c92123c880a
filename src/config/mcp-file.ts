import { readFileSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { z } from 'zod';
import { findInvisible } from '../approval/hidden-text.js';
import { ConfigError } from '../platform/errors.js';
import type { ServerSettings } from '../tools/index.js';
import { prefixOf } from '../tools/names.js';
import { oauthSchema } from './mcp-oauth.js';

const file = z.looseObject({ mcpServers: z.record(z.string().min(1), z.looseObject({})) });

/** `${NAME}` or `${NAME:-default}`. */
const VARIABLE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
/** Variable syntaxes of other clients. They are refused, because a server would receive them verbatim. */
const FOREIGN = /\$\{(?:env|input):[^}]*\}/;
/** Shortest value that is hidden from logs, in characters. Hiding shorter ones would hide half of every text. */
const MIN_SECRET = 8;

type Given = Record<string, unknown>;
type Fail = (problem: string, cause?: unknown) => ConfigError;

/**
 * Reads the MCP servers, in the format that MCP clients share: `mcpServers`, by name, with `command` or `url`. Any value may hold
 * `${VAR}` or `${VAR:-default}`; an empty variable counts as unset. Keys of other clients are ignored, except `disabled`.
 *
 * A server with an unset variable stays off; the others run.
 *
 * @throws ConfigError that names the file, the server and the key.
 */
export function readMcpConfig(path: string, env: NodeJS.ProcessEnv): ServerSettings[] {
  const fail: Fail = (what, cause) => new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${path}${what}`, { cause });
  const parsed = file.safeParse(readJson(path, fail));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'the file';
    throw fail(`: ${place}: ${issue?.message}. It must be {"mcpServers": {"name": {…}}}.`);
  }
  const names = new Map<string, string>();
  const enabled = Object.entries(parsed.data.mcpServers).filter(([, given]) => given.disabled !== true);
  return enabled.map(([name, given]) => {
    const failHere: Fail = (what) => fail(`, server "${name}": ${what}.`);
    const prefix = prefixOf(name);
    const twin = names.get(prefix);
    if (twin !== undefined)
      throw failHere(
        `its tools would be called ${prefix}…, as those of "${twin}". Give one of them another name`,
      );
    names.set(prefix, name);
    return readServer(name, given, env, failHere);
  });
}

function readServer(name: string, given: Given, env: NodeJS.ProcessEnv, fail: Fail): ServerSettings {
  const { schemas, used } = schemasWith(env);
  const parsed = schemas[transportOf(given, fail)].safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message, ...issue }) => {
      const isMissing = issue.code === 'custom' && issue.params?.isMissing === true;
      return { isMissing, text: `${path.join('.')}${isMissing ? '' : ':'} ${message}` };
    });
    const wrong = problems.find(({ isMissing }) => !isMissing);
    if (wrong) throw fail(wrong.text);
    const missing = problems.map(({ text }) => text).join(' ');
    const problem = `${missing} Set it, or remove the server from MCP_CONFIG.`;
    return { name, transport: 'none', problem };
  }
  const { data } = parsed;
  const own =
    'url' in data
      ? [...Object.values(data.headers), data.oauth?.clientSecret ?? '']
      : Object.values(data.env);
  const isSecret = (value: string) => value.length >= MIN_SECRET && !value.startsWith('/');
  return { name, secrets: [...new Set([...used, ...own])].filter(isSecret), ...data };
}

function transportOf({ type, command, url }: Given, fail: Fail): 'stdio' | 'http' {
  if (type === 'sse')
    throw fail(
      'type: "sse" is not supported; MCP replaced it. Use "http" and the address of the server’s streamable HTTP endpoint, which often ends in /mcp',
    );
  if (![undefined, 'stdio', 'http', 'streamable-http'].includes(type as string))
    throw fail(`type: ${JSON.stringify(type)} is unknown. Use "stdio" with a command, or "http" with a url`);
  const possible = type === undefined ? ['command', 'url'] : type === 'stdio' ? ['command'] : ['url'];
  if (command !== undefined && url !== undefined) throw fail('has both command and url. Remove one of them');
  if (command === undefined && url === undefined)
    throw fail(
      `${possible.join(' or ')} is missing. A server has a command to run, or the url of one that runs`,
    );
  const key = command === undefined ? 'url' : 'command';
  if (!possible.includes(key)) throw fail(`type: ${JSON.stringify(type)} doesn’t allow ${key}`);
  return key === 'command' ? 'stdio' : 'http';
}

/** Makes the schemas of a server, which replace variables in every value. Values of variables are added to `used`. */
function schemasWith(env: NodeJS.ProcessEnv) {
  const used: string[] = [];
  const text = z.string().transform((value, { addIssue }) => {
    const foreign = FOREIGN.exec(value)?.[0];
    if (foreign) addIssue(`${foreign} is not understood here. Write \${NAME} instead`);
    return value.replaceAll(VARIABLE, (_, name: string, otherwise?: string) => {
      const set = env[name];
      if (set) used.push(set);
      else if (otherwise === undefined)
        addIssue({
          code: 'custom',
          message: `needs ${name}, which is not set.`,
          params: { isMissing: true },
        });
      return set || (otherwise ?? '');
    });
  });
  const texts = z.record(z.string(), text).default({});
  const filled = z.string().min(1).pipe(text);
  const stdio = z.object({
    transport: z.literal('stdio').default('stdio'),
    command: filled,
    args: z.array(text).default([]),
    env: texts,
    cwd: filled.exactOptional(),
  });
  const http = z.object({
    transport: z.literal('http').default('http'),
    url: filled
      .refine((url) => URL.canParse(url) && /^https?:/.test(url), {
        error: 'is no http(s) address',
        abort: true,
      })
      .refine(
        (url) => new URL(url).username + new URL(url).password === '',
        'must not hold a user name or a password. Use headers, such as Authorization',
      ),
    headers: texts.superRefine(checkHeaders),
    oauth: oauthSchema(text).exactOptional(),
  });
  return { schemas: { stdio, http }, used };
}

/** Headers are checked here, because `fetch` would refuse them later, without naming the place in the file. */
function checkHeaders(headers: Record<string, string>, { addIssue }: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch {
      addIssue({ code: 'custom', path: [name], message: 'can’t be sent as a header' });
    }
    const invisible = findInvisible(value.trim());
    if (invisible)
      addIssue({ code: 'custom', path: [name], message: `holds ${invisible}, which nobody sees` });
  }
}

function readJson(path: string, fail: Fail): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fail(' can’t be read. Create it, or unset the variable.', error);
  }
  const errors: ParseError[] = [];
  const parsed: unknown = parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (!first) return parsed;
  const line = text.slice(0, first.offset).split('\n').length;
  throw fail(`, line ${line}: is not JSON (${printParseErrorCode(first.error)}).`);
}
