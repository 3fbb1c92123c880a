import { existsSync, readFileSync } from 'node:fs';
import { config as readDotenv } from 'dotenv';
import { DEFAULT_POLICY, type PolicyBook } from '../approval/policy.js';
import { ConfigError } from '../errors.js';
import type { SlackMode } from '../slack/receiver/app.js';
import type { PayloadKey } from '../temporal/payload-encryption.js';
import type { Versioning } from '../temporal/versions.js';
import type { ServerSettings } from '../tools/index.js';
import { readMcpConfig } from './mcp-file.js';
import { packageFile } from './package-root.js';
import { readPolicy } from './policy-file.js';

export interface Config {
  slack: { botToken: string; mode: SlackMode; apiUrl?: string };
  /** Id or name of the channel for plans. Unset: the channel of the command. */
  approvalChannel?: string;
  taskQueue: string;
  /** Unset: any worker that polls continues a run. */
  versioning?: Versioning;
  anthropic: { apiKey: string; baseURL?: string; model: string };
  policy: PolicyBook;
  /** The MCP servers whose tools a run can call. */
  mcp: ServerSettings[];
  databaseUrl: string;
  /** Payloads are encrypted with the first key; without keys they are not. */
  payloads: { keys: PayloadKey[]; takesPlain: boolean };
  logLevel: string;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const DEFAULT_MODEL = 'claude-sonnet-5-5';

/** Fills `process.env` from `.env`, without overriding what is set. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  readDotenv({ quiet: true });
  // Empty means unset, for Temporal's own reader of the environment too.
  for (const [name, value] of Object.entries(process.env)) {
    if (value === '' && name.startsWith('TEMPORAL_')) delete process.env[name];
  }
  return process.env;
}

/** Reads the level for logs, before the rest of the configuration is checked. */
export function readLogLevel(env: NodeJS.ProcessEnv): string {
  const level = env.LOG_LEVEL || 'info';
  if (LOG_LEVELS.includes(level)) return level;
  throw settingError('LOG_LEVEL', `"${level}" is no level. Use one of ${LOG_LEVELS.join(', ')}.`);
}

/**
 * Reads the configuration.
 *
 * @throws ConfigError that names the variable and says how to get it.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const botToken = readToken(env, 'SLACK_BOT_TOKEN', 'xoxb-', 'OAuth & Permissions → Bot User OAuth Token');
  const mode = readSlackMode(env);
  const apiKey = env.ANTHROPIC_API_KEY;
  if (!apiKey) {
    throw settingError('ANTHROPIC_API_KEY', 'is missing. Create a key in the Claude Console under API keys.');
  }
  const { SLACK_API_URL: apiUrl, ANTHROPIC_BASE_URL: baseURL, APPROVAL_CHANNEL: approvalChannel } = env;
  const policyFile = findFile(env, 'POLICY_FILE', 'policy.yml');
  const mcpFile = findFile(env, 'MCP_CONFIG', '.mcp.json');
  return {
    slack: { botToken, mode, ...(apiUrl && { apiUrl: readAddress('SLACK_API_URL', apiUrl) }) },
    ...(approvalChannel && { approvalChannel }),
    taskQueue: env.TEMPORAL_TASK_QUEUE || 'countersign',
    ...readVersioning(env),
    anthropic: {
      apiKey,
      model: env.ANTHROPIC_MODEL || DEFAULT_MODEL,
      ...(baseURL && { baseURL: readAddress('ANTHROPIC_BASE_URL', baseURL) }),
    },
    policy: policyFile ? readPolicy(policyFile) : { default: DEFAULT_POLICY, channels: {} },
    mcp: mcpFile ? readMcpConfig(mcpFile, env) : [],
    databaseUrl: readDatabaseUrl(env),
    payloads: readPayloadKeys(env),
    logLevel: readLogLevel(env),
  };
}

function readSlackMode(env: NodeJS.ProcessEnv): SlackMode {
  if (env.SLACK_APP_TOKEN) {
    const appToken = readToken(env, 'SLACK_APP_TOKEN', 'xapp-', 'Basic Information → App-Level Tokens');
    return { kind: 'socket', appToken };
  }
  if (!env.SLACK_SIGNING_SECRET) {
    throw settingError(
      'SLACK_APP_TOKEN',
      'is missing. For Socket Mode create an app-level token with connections:write (Basic Information → App-Level Tokens); for HTTP mode set SLACK_SIGNING_SECRET instead (Basic Information → App Credentials).',
    );
  }
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw settingError('PORT', `"${env.PORT}" is no port. Use a number from 1 to 65535.`);
  }
  return { kind: 'http', signingSecret: env.SLACK_SIGNING_SECRET, port };
}

function readToken(env: NodeJS.ProcessEnv, name: string, prefix: string, where: string): string {
  const value = env[name];
  const source = `Copy it from your app's page at api.slack.com/apps (${where}); "npm run sandbox" needs none.`;
  if (!value) throw settingError(name, `is missing. ${source}`);
  if (!value.startsWith(prefix)) throw settingError(name, `must begin with ${prefix}. ${source}`);
  return value;
}

function readAddress(name: string, value: string): string {
  if (URL.canParse(value) && /^https?:/.test(value)) return value;
  throw settingError(name, `"${value}" is no http(s) address. Correct it or unset it.`);
}

function readVersioning(env: NodeJS.ProcessEnv): { versioning?: Versioning } {
  const asked = env.TEMPORAL_WORKER_VERSIONING || 'off';
  if (asked === 'off') return {};
  if (asked !== 'pinned' && asked !== 'auto-upgrade') {
    throw settingError('TEMPORAL_WORKER_VERSIONING', `"${asked}" is none. Use off, pinned or auto-upgrade.`);
  }
  const behavior = asked === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE';
  const buildId = env.TEMPORAL_WORKER_BUILD_ID || readPackageVersion();
  return { versioning: { behavior, deploymentName: readDeploymentName(env), buildId } };
}

/** Reads the name under which Temporal's Worker Versioning knows all versions of this service. */
export function readDeploymentName(env: NodeJS.ProcessEnv): string {
  return env.TEMPORAL_DEPLOYMENT_NAME || 'countersign';
}

function readPackageVersion(): string {
  const file = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** Reads the address of the ledger's database. */
export function readDatabaseUrl(env: NodeJS.ProcessEnv): string {
  const url = env.DATABASE_URL || 'file:data/ledger.db';
  if (/^(file:|postgres(ql)?:\/\/)/.test(url)) return url;
  throw settingError(
    'DATABASE_URL',
    'must be file:… for SQLite, such as file:data/ledger.db, or postgres://user:password@host/database.',
  );
}

/**
 * Reads the keys for payloads: `id:key`, a key being 32 bytes in base64; several with commas, the current one first. With the word
 * `plain` among them, unencrypted payloads are taken, too.
 */
export function readPayloadKeys(env: NodeJS.ProcessEnv): Config['payloads'] {
  const parts = (env.PAYLOAD_KEYS ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const keys = parts.filter((part) => part !== 'plain').map(readPayloadKey);
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice)
    throw settingError('PAYLOAD_KEYS', `the id "${twice.id}" is there twice. Give each key its own.`);
  return { keys, takesPlain: parts.includes('plain') };
}

function readPayloadKey(text: string): PayloadKey {
  const [, id = '', encoded = ''] = /^([^:]+):(.+)$/.exec(text) ?? [];
  const key = Buffer.from(encoded, 'base64');
  if (id !== '' && key.length === 32) return { id, key };
  throw settingError(
    'PAYLOAD_KEYS',
    'must be id:key, several with commas, a key being 32 bytes in base64. "openssl rand -base64 32" makes one.',
  );
}

/** Finds the file that a variable names, else the usual one. A variable that is set but empty asks for none. */
function findFile(env: NodeJS.ProcessEnv, name: string, usual: string): string | undefined {
  return env[name] || (env[name] === undefined && existsSync(usual) ? usual : undefined);
}

function settingError(name: string, problem: string): ConfigError {
  return new ConfigError(name, `${name}${/^(is|must) /.test(problem) ? ' ' : ': '}${problem}`);
}
