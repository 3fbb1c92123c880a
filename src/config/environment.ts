import { z } from 'zod';
import { DEFAULT_POLICY, type PolicyBook } from '../approval/policy.js';
import { EFFORTS } from '../llm/request/effort.js';
import { ConfigError } from '../platform/errors.js';
import { packageVersion } from '../platform/package-file.js';
import type { Versioning } from '../temporal/versions.js';
import { DEFAULT_SLOTS, type Slots } from '../temporal/worker/slots.js';
import { DEFAULT_GRACE_MS } from '../temporal/worker/stop-times.js';
import type { ServerSettings } from '../tools/index.js';
import { addDotenv, hiddenByEmpty, hintOf } from './dotenv-file.js';
import { readMcpConfig } from './mcp/mcp-file.js';
import { readModelAccess } from './model-access.js';
import { readPolicy } from './policy-file.js';
import { readAll, type Values } from './read-all.js';
import { retention } from './retention.js';
import { hasBot, hasWorker, type Role } from './role.js';
import { readLoginKeys } from './secrets/login-keys.js';
import { payloadKeys } from './secrets/payload-keys.js';
import { createSecretFiles } from './secrets/secret-files.js';
import { readSlackMode } from './slack-mode.js';
import { readTelemetry } from './telemetry.js';
import { findFile, valueIn } from './value.js';
import { wholeNumber } from './whole-number.js';

export type Config = ReturnType<typeof readConfig>;

const BEHAVIORS = { pinned: 'PINNED', 'auto-upgrade': 'AUTO_UPGRADE' } as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const token = (prefix: string, where: string) => {
  const source = `Copy it from your app's page at api.slack.com/apps (${where}); "npm run sandbox" needs none.`;
  return z.string(`is missing. ${source}`).startsWith(prefix, `must begin with ${prefix}. ${source}`);
};

// No message quotes a value: a secret may have been set in the wrong variable.
const address = z.url({ protocol: /^https?$/, error: 'is no http(s) address. Correct it or unset it.' });

const port = z
  .string()
  .refine(
    (text) => /^\d+$/.test(text) && Number(text) <= 65_535,
    'is not a port. Use a number from 1 to 65535.',
  );

/** Most slots of a kind. A larger number is a slip: each takes memory, and connections to others. */
const MOST_SLOTS = 10_000;

/** The service's variables, without file paths. Each error message continues the variable's name. */
const variables = {
  SLACK_BOT_TOKEN: token('xoxb-', 'OAuth & Permissions → Bot User OAuth Token'),
  SLACK_APP_TOKEN: token('xapp-', 'Basic Information → App-Level Tokens').optional(),
  SLACK_SIGNING_SECRET: z.string().optional(),
  PORT: port.default('3000'),
  SLACK_API_URL: address.optional(),
  APPROVAL_CHANNEL: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_AUTH_TOKEN: z.string().optional(),
  ANTHROPIC_BASE_URL: address.optional(),
  ANTHROPIC_MODEL: z.string().optional(),
  ANTHROPIC_FALLBACK_MODEL: z.string().optional(),
  ANTHROPIC_EFFORT: z.enum(EFFORTS, `is unknown. Use ${EFFORTS.join(', ')}, or unset it.`).optional(),
  ANTHROPIC_BEDROCK_BASE_URL: address.optional(),
  ANTHROPIC_VERTEX_BASE_URL: address.optional(),
  ANTHROPIC_VERTEX_PROJECT_ID: z.string().optional(),
  AWS_REGION: z.string().optional(),
  AWS_BEARER_TOKEN_BEDROCK: z.string().optional(),
  CLOUD_ML_REGION: z.string().optional(),
  TEMPORAL_TASK_QUEUE: z.string().default('countersign'),
  TEMPORAL_WORKER_VERSIONING: z
    .enum(['off', 'pinned', 'auto-upgrade'], 'is unknown. Use off, pinned or auto-upgrade.')
    .optional(),
  TEMPORAL_WORKER_BUILD_ID: z.string().optional(),
  TEMPORAL_DEPLOYMENT_NAME: z.string().default('countersign'),
  POSTS_AT_ONCE: wholeNumber(DEFAULT_SLOTS.posts, 1, MOST_SLOTS),
  MODEL_CALLS_AT_ONCE: wholeNumber(DEFAULT_SLOTS.modelCalls, 1, MOST_SLOTS),
  TOOL_CALLS_AT_ONCE: wholeNumber(DEFAULT_SLOTS.toolCalls, 1, MOST_SLOTS),
  // Temporal's SDK takes no cache of one.
  WORKFLOWS_CACHED: wholeNumber(DEFAULT_SLOTS.workflows, 2, MOST_SLOTS),
  SHUTDOWN_GRACE_SECONDS: wholeNumber(DEFAULT_GRACE_MS / 1_000, 5, 3_600),
  DATABASE_URL: z
    .string()
    .regex(
      /^(file:|postgres(ql)?:\/\/)/,
      'must be file:… for SQLite, such as file:data/ledger.db, or postgres://user:password@host/database.',
    )
    .refine(
      (url) => url.startsWith('file:') || isAddress(url),
      'is no address. Write / ? # @ % in a user name or a password as %2F %3F %23 %40 %25.',
    )
    .default('file:data/ledger.db'),
  LEDGER_RETENTION: retention.optional(),
  PAYLOAD_KEYS: payloadKeys.prefault(''),
  HEALTH_PORT: port.transform(Number).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `is not a log level. Use one of ${LOG_LEVELS.join(', ')}.`).default('info'),
};

type Variables = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name]> };

/** False for an address whose user name or password holds a character that ends the host's part. */
function isAddress(url: string): boolean {
  const [, host = '', rest = ''] = /^[a-z]+:\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  return URL.canParse(url) && (host.includes('@') || !rest.includes('@'));
}

/** Fills `process.env` from `.env`, without overriding what is set. @throws ConfigError for a character that nobody sees. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  addDotenv(process.env);
  // Temporal's own reader of the environment takes values as they are, and reads no files of secrets. An empty variable means unset.
  const names = Object.keys(process.env).filter((name) => name.startsWith('TEMPORAL_'));
  for (const name of new Set([...names, 'TEMPORAL_API_KEY'])) {
    const value = valueIn(process.env, name);
    if (value) process.env[name] = value;
    else delete process.env[name];
  }
  return process.env;
}

/**
 * Reads the configuration of a role, and none of the variables that only another role needs.
 *
 * @throws ConfigError that names each variable that is missing or wrong, one a line, and tells how to get it.
 */
export function readConfig(env: NodeJS.ProcessEnv, role: Role = 'all') {
  const { values, problems: found, warnings } = readSettings(env, role);
  const problems = found.map((problem) => neededBy(role, problem));
  const [first] = problems;
  if (first)
    throw problems.length === 1
      ? first
      : new ConfigError(first.code, problems.map(({ message }) => message).join('\n'));
  // Without a problem each setting was read.
  const {
    botToken,
    slackMode: mode,
    apiUrl,
    model,
    fallbackModel,
    effort,
    policies,
    ...rest
  } = values as Settings;
  return {
    ...rest,
    /** Sentences about settings that have no effect. */
    warnings,
    role,
    slack: { botToken, mode, ...(apiUrl && { apiUrl }) },
    anthropic: model && { ...model, ...(fallbackModel && { fallbackModel }), effort },
    policyFile: policies.file,
    policy: policies.book,
  };
}

/** Adds which role needs a variable that is missing. */
function neededBy(role: Role, problem: ConfigError): ConfigError {
  if (role === 'all' || !/^\S+ is missing/.test(problem.message)) return problem;
  return new ConfigError(problem.code, `${problem.message} The role ${role} needs it.`);
}

/** Each setting, as it was read. */
export type Settings = Values<ReturnType<typeof settingsOf>>;

/** Reads each setting, also after one that is missing or wrong: that one is left out, and `problems` names it. */
export function readSettings(env: NodeJS.ProcessEnv, role: Role = 'all') {
  const warnings = hiddenByEmpty(env).map(
    (name) => `${name} has an empty value in the shell, which wins over the one in .env. Unset it there.`,
  );
  return { ...readAll(settingsOf(env, role, (text) => void warnings.push(text))), warnings };
}

function settingsOf(env: NodeJS.ProcessEnv, role: Role, warn: (text: string) => void) {
  const read = <Name extends keyof Variables>(name: Name) => readVariable(env, name);
  const files = createSecretFiles(env);
  return {
    botToken: () => files.secret('SLACK_BOT_TOKEN', read('SLACK_BOT_TOKEN')),
    slackMode: () => (hasBot(role) ? readSlackMode(read, files) : undefined),
    apiUrl: () => read('SLACK_API_URL'),
    approvalChannel: () => read('APPROVAL_CHANNEL'),
    model: () => (hasWorker(role) ? readModelAccess(read, files) : undefined),
    fallbackModel: () => read('ANTHROPIC_FALLBACK_MODEL'),
    effort: () => read('ANTHROPIC_EFFORT'),
    taskQueue: () => read('TEMPORAL_TASK_QUEUE'),
    versioning: () => (hasWorker(role) ? readVersioning(env) : undefined),
    slots: () => readSlots(read),
    shutdownGraceMs: () => read('SHUTDOWN_GRACE_SECONDS') * 1_000,
    policies: () => readPolicies(env),
    mcp: () => (hasWorker(role) ? readServers(env, warn) : []),
    databaseUrl: () => readDatabase(read('DATABASE_URL'), role),
    retentionMs: () => read('LEDGER_RETENTION'),
    payloads: () => read('PAYLOAD_KEYS'),
    loginKeys: () => () => readLoginKeys(read('DATABASE_URL'), read('PAYLOAD_KEYS').keys),
    healthPort: () => read('HEALTH_PORT'),
    logLevel: () => read('LOG_LEVEL'),
    secretFiles: () => files.files,
    telemetry: () => readTelemetry(env),
  };
}

/** A bot and a worker share the database, and SQLite serves one process. @throws ConfigError */
function readDatabase(url: string, role: Role): string {
  if (role === 'all' || !url.startsWith('file:')) return url;
  const problem = `the role ${role} shares the ledger with other processes, and SQLite serves one process`;
  const remedy = 'Set a PostgreSQL database (postgres://…), or start with --role all.';
  throw new ConfigError('DATABASE_URL', `DATABASE_URL: ${problem}. ${remedy}`);
}

/** Reads the version of the workers. A build id switches versioning on: Temporal's Worker Controller sets one, and the deployment's name. */
function readVersioning(env: NodeJS.ProcessEnv): Versioning | undefined {
  const buildId = readVariable(env, 'TEMPORAL_WORKER_BUILD_ID');
  const kind = readVariable(env, 'TEMPORAL_WORKER_VERSIONING') ?? (buildId ? 'auto-upgrade' : 'off');
  if (kind === 'off') return undefined;
  const deploymentName = readVariable(env, 'TEMPORAL_DEPLOYMENT_NAME');
  return { behavior: BEHAVIORS[kind], deploymentName, buildId: buildId ?? packageVersion() };
}

function readSlots(read: <Name extends keyof Variables>(name: Name) => Variables[Name]): Slots {
  return {
    posts: read('POSTS_AT_ONCE'),
    modelCalls: read('MODEL_CALLS_AT_ONCE'),
    toolCalls: read('TOOL_CALLS_AT_ONCE'),
    workflows: read('WORKFLOWS_CACHED'),
  };
}

function readPolicies(env: NodeJS.ProcessEnv): { file: string | undefined; book: PolicyBook } {
  const file = findFile(env, 'POLICY_FILE', 'policy.yml', /^\.?polic(y|ies)\.ya?ml$/i);
  return { file, book: file ? readPolicy(file) : { default: DEFAULT_POLICY, channels: {} } };
}

/** Reads the MCP servers; `warn` is told of keys that are not read. @throws ConfigError that names the file and the line. */
export function readServers(env: NodeJS.ProcessEnv, warn?: (text: string) => void): ServerSettings[] {
  const file = findFile(env, 'MCP_CONFIG', '.mcp.json', /^\.?mcp\.json$/i);
  return file ? readMcpConfig(file, env, warn) : [];
}

/** Reads one variable. @throws ConfigError that names it and tells how to get it. */
export function readVariable<Name extends keyof Variables>(
  env: NodeJS.ProcessEnv,
  name: Name,
): Variables[Name] {
  const schemas: { [Each in keyof Variables]: z.ZodType<Variables[Each]> } = variables;
  const parsed = schemas[name].safeParse(valueIn(env, name) || undefined);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0]?.message ?? '';
  const hint = /^is missing\./.test(problem) ? hintOf(env, name) : '';
  const told = hint === '' ? problem : `is missing${hint}.`;
  throw new ConfigError(name, `${name}${/^(is|must) /.test(told) ? ' ' : ': '}${told}`);
}
