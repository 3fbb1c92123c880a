import { existsSync } from 'node:fs';
import { parse as parseDotenv } from 'dotenv';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { z } from 'zod';
import { findInvisible } from '../../approval/hidden-text.js';
import { ConfigError, reasonOf } from '../../platform/errors.js';
import { readText } from '../../platform/read-text.js';
import type { ServerSettings } from '../../tools/index.js';
import { CALL_TIMEOUT_MS } from '../../tools/limits.js';
import { prefixOf } from '../../tools/names.js';
import { hintOf } from '../dotenv-file.js';
import { fillPlaceholders } from '../placeholders.js';
import { type Entry, isDisabled, transportOf, unreadKeys, withUsualKeys } from './mcp-keys.js';
import { oauthSchema } from './mcp-oauth.js';

/** Shortest value that is hidden from logs, in characters. Hiding shorter ones would hide half of every text. */
const MIN_SECRET = 8;
/** Longest time-out in seconds: a larger number in the file is one of milliseconds. Clients differ in the unit. */
const MAX_SECONDS = 3_600;
/** Keys of the file beside the servers that tell nothing that a start needs. `inputs` are VS Code's questions to a person. */
const FILE_KEYS = ['mcpServers', 'servers', 'inputs', '$schema'];

type Fail = (problem: string, cause?: unknown) => ConfigError;
type Warn = (text: string) => void;

/**
 * Reads the MCP servers, in the format that MCP clients share: `mcpServers` (VS Code: `servers`), by name, with `command` or `url`. Any value
 * may hold `${VAR}` or `${VAR:-default}`; an empty variable counts as unset.
 *
 * A server whose entry is wrong stays off, with the reason; the others run. `warn` is told of keys that are not read.
 *
 * @throws ConfigError that names the file and the line, for a file that is not such a list at all.
 */
export function readMcpConfig(path: string, env: NodeJS.ProcessEnv, warn: Warn = () => {}): ServerSettings[] {
  const fail: Fail = (what, cause) => new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${path}${what}`, { cause });
  const given = readJson(path, fail);
  const { mcpServers, servers } = isEntry(given) ? given : {};
  const all = [servers, mcpServers].filter((one) => one !== undefined && one !== null);
  if (!isEntry(given) || all.length === 0 || !all.every(isEntry))
    throw fail(': mcpServers or servers must be an object. The file is {"mcpServers": {"name": {…}}}.');
  for (const key of Object.keys(given).filter((one) => !FILE_KEYS.includes(one)))
    warn(`MCP_CONFIG: ${path}: ${key} is not read here.`);
  const names = new Map<string, string>();
  return Object.entries(Object.assign({}, ...all) as Entry).flatMap(([name, value]) => {
    const off = (problem: string): ServerSettings[] => [{ name, transport: 'none', problem }];
    if (!isEntry(value))
      return off('its entry in MCP_CONFIG is no object. Write {"command": …} or {"url": …}.');
    const entry = withUsualKeys(value);
    if (isDisabled(entry)) return [];
    const prefix = prefixOf(name);
    const twin = names.get(prefix);
    if (twin !== undefined)
      return off(
        `its tools would be called ${prefix}…, as those of "${twin}". Give one of them another name in MCP_CONFIG.`,
      );
    names.set(prefix, name);
    const warnHere: Warn = (text) => warn(`MCP_CONFIG: server "${name}": ${text}`);
    try {
      return [readServer(name, entry, env, warnHere)];
    } catch (error) {
      return off(`${reasonOf(error)}. Correct it in MCP_CONFIG.`);
    }
  });
}

/** Reads one server. @throws Error whose message names the key. */
function readServer(name: string, entry: Entry, env: NodeJS.ProcessEnv, warn: Warn): ServerSettings {
  const { schemas, used } = schemasWith(env);
  const schema = schemas[transportOf(entry)];
  for (const text of unreadKeys(entry, Object.keys(schema.shape))) warn(text);
  const parsed = schema.safeParse(entry);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const unset = issues.filter((issue) => issue.code === 'custom' && issue.params?.isMissing === true);
    if (unset.length > 0) {
      const sentences = unset.map(({ path, message }) => `${path.join('.')} ${message}`);
      const problem = `${sentences.join(' ')} Set it, or remove the server from MCP_CONFIG.`;
      return { name, transport: 'none', problem };
    }
    const [issue] = issues;
    throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { timeout, ...settings } = parsed.data;
  const isLong = timeout !== undefined && timeout > CALL_TIMEOUT_MS;
  if (isLong) warn(`timeout: a call ends after ${CALL_TIMEOUT_MS / 1_000} seconds at the latest.`);
  const timeoutMs = isLong ? undefined : timeout;
  const shared = { name, ...(timeoutMs !== undefined && { timeoutMs }) };
  const secretsOf = (own: Record<string, string>) => hiddenValues([...used, ...Object.values(own)]);
  if ('url' in settings) {
    const { headers, oauth } = settings;
    return { ...shared, secrets: secretsOf({ ...headers, secret: oauth?.clientSecret ?? '' }), ...settings };
  }
  const { envFile, env: named, ...stdio } = settings;
  const own = { ...(envFile !== undefined && readEnvFile(envFile)), ...named };
  return { ...shared, secrets: secretsOf(own), ...stdio, env: own };
}

/** Values that are hidden from logs, line by line, as servers write them. Paths stay readable; a key in base64 may begin like one. */
function hiddenValues(values: string[]): string[] {
  const lines = values.flatMap((value) => value.split('\n')).map((line) => line.trim());
  const isPath = (line: string) => line.startsWith('/') && existsSync(`/${line.split('/')[1]}`);
  const isSecret = (line: string) => line.length >= MIN_SECRET && !isPath(line);
  return [...new Set(lines)].filter(isSecret);
}

function readEnvFile(path: string): Record<string, string> {
  try {
    return parseDotenv(readText(path));
  } catch (cause) {
    throw new Error(`envFile: ${path} can't be read (${reasonOf(cause)})`, { cause });
  }
}

/** Makes the schemas of a server, which fill placeholders in every value. Values of variables are added to `used`. */
function schemasWith(env: NodeJS.ProcessEnv) {
  const used: string[] = [];
  const text = z
    .union([z.string(), z.number(), z.boolean()], 'must be a text')
    .transform((value, { addIssue }) =>
      fillPlaceholders(String(value), {
        env,
        used: (set) => used.push(set),
        missing: (name) =>
          addIssue({
            code: 'custom',
            message: `needs ${name}, which is not set${hintOf(env, name)}.`,
            params: { isMissing: true },
          }),
        foreign: (placeholder) =>
          addIssue(`${placeholder} is not understood here. Write \${NAME}, and set NAME in the environment`),
      }),
    );
  const texts = z
    .record(z.string(), text.nullable(), 'must be an object of texts')
    .transform((all) =>
      Object.fromEntries(Object.entries(all).flatMap(([key, one]) => (one === null ? [] : [[key, one]]))),
    )
    .prefault({});
  const filled = text.pipe(z.string().min(1, 'is empty'));
  const timeout = text
    .transform(Number)
    .pipe(z.number('must be a number of seconds or milliseconds').positive('must be more than nothing'))
    .transform((given) => (given <= MAX_SECONDS ? given * 1_000 : given))
    .exactOptional();
  const stdio = z.object({
    transport: z.literal('stdio').default('stdio'),
    command: filled,
    args: z.array(text, 'must be a list of texts').default([]),
    env: texts,
    envFile: filled.exactOptional(),
    cwd: filled.exactOptional(),
    timeout,
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
    timeout,
  });
  return { schemas: { stdio, http }, used };
}

/** Headers are checked here, because `fetch` would refuse them later, without naming the place in the file. */
function checkHeaders(headers: Record<string, string>, { addIssue }: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch {
      addIssue({ code: 'custom', path: [name], message: "can't be sent as a header" });
    }
    const invisible = findInvisible(value.trim());
    if (invisible)
      addIssue({ code: 'custom', path: [name], message: `holds ${invisible}, which nobody sees` });
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads JSON, with the comments and trailing commas that VS Code allows in its file. */
function readJson(path: string, fail: Fail): unknown {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    throw fail(" can't be read. Create it, or unset the variable.", error);
  }
  const errors: ParseError[] = [];
  const parsed: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (!first) return parsed;
  const line = text.slice(0, first.offset).split('\n').length;
  throw fail(`, line ${line}: is not JSON (${printParseErrorCode(first.error)}).`);
}
