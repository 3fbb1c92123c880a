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
  /** Where plans are posted: a channel's id, or its name. Unset: where the command was used. */
  approvalChannel?: string;
  taskQueue: string;
  /** Unset: whatever worker polls goes on with a run. */
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

/** The level for logs, before anything else of the configuration is known to be right. */
export function logLevel(env: NodeJS.ProcessEnv): string {
  const level = env.LOG_LEVEL || 'info';
  if (LOG_LEVELS.includes(level)) return level;
  throw bad('LOG_LEVEL', `"${level}" is no level. Use one of ${LOG_LEVELS.join(', ')}.`);
}

/**
 * Reads the configuration.
 *
 * @throws ConfigError that names the variable and says how to get it.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const botToken = token(env, 'SLACK_BOT_TOKEN', 'xoxb-', 'OAuth & Permissions → Bot User OAuth Token');
  const mode = slackMode(env);
  const apiKey = env.ANTHROPIC_API_KEY;
  if (!apiKey) {
    throw bad('ANTHROPIC_API_KEY', 'is missing. Create a key in the Claude Console under API keys.');
  }
  const { SLACK_API_URL: apiUrl, ANTHROPIC_BASE_URL: baseURL, APPROVAL_CHANNEL: approvalChannel } = env;
  return {
    slack: { botToken, mode, ...(apiUrl && { apiUrl: address('SLACK_API_URL', apiUrl) }) },
    ...(approvalChannel && { approvalChannel }),
    taskQueue: env.TEMPORAL_TASK_QUEUE || 'countersign',
    ...versioning(env),
    anthropic: {
      apiKey,
      model: env.ANTHROPIC_MODEL || DEFAULT_MODEL,
      ...(baseURL && { baseURL: address('ANTHROPIC_BASE_URL', baseURL) }),
    },
    policy: policy(env),
    mcp: mcp(env),
    databaseUrl: databaseUrl(env),
    payloads: payloadKeys(env),
    logLevel: logLevel(env),
  };
}

function slackMode(env: NodeJS.ProcessEnv): SlackMode {
  if (env.SLACK_APP_TOKEN) {
    const appToken = token(env, 'SLACK_APP_TOKEN', 'xapp-', 'Basic Information → App-Level Tokens');
    return { kind: 'socket', appToken };
  }
  if (!env.SLACK_SIGNING_SECRET) {
    throw bad(
      'SLACK_APP_TOKEN',
      'is missing. For Socket Mode create an app-level token with connections:write (Basic Information → App-Level Tokens); for HTTP mode set SLACK_SIGNING_SECRET instead (Basic Information → App Credentials).',
    );
  }
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw bad('PORT', `"${env.PORT}" is no port. Use a number from 1 to 65535.`);
  }
  return { kind: 'http', signingSecret: env.SLACK_SIGNING_SECRET, port };
}

function token(env: NodeJS.ProcessEnv, name: string, prefix: string, where: string): string {
  const value = env[name];
  const source = `Copy it from your app's page at api.slack.com/apps (${where}); "npm run sandbox" needs none.`;
  if (!value) throw bad(name, `is missing. ${source}`);
  if (!value.startsWith(prefix)) throw bad(name, `must begin with ${prefix}. ${source}`);
  return value;
}

function address(name: string, value: string): string {
  if (URL.canParse(value) && /^https?:/.test(value)) return value;
  throw bad(name, `"${value}" is no http(s) address. Correct it or unset it.`);
}

function versioning(env: NodeJS.ProcessEnv): { versioning?: Versioning } {
  const asked = env.TEMPORAL_WORKER_VERSIONING || 'off';
  if (asked === 'off') return {};
  if (asked !== 'pinned' && asked !== 'auto-upgrade') {
    throw bad('TEMPORAL_WORKER_VERSIONING', `"${asked}" is none. Use off, pinned or auto-upgrade.`);
  }
  const behavior = asked === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE';
  const buildId = env.TEMPORAL_WORKER_BUILD_ID || packageVersion();
  return { versioning: { behavior, deploymentName: deploymentName(env), buildId } };
}

/** What Temporal's Worker Versioning calls all versions of this service together. */
export function deploymentName(env: NodeJS.ProcessEnv): string {
  return env.TEMPORAL_DEPLOYMENT_NAME || 'countersign';
}

function packageVersion(): string {
  const file = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** Where the ledger is kept. */
export function databaseUrl(env: NodeJS.ProcessEnv): string {
  const url = env.DATABASE_URL || 'file:data/ledger.db';
  if (/^(file:|postgres(ql)?:\/\/)/.test(url)) return url;
  throw bad(
    'DATABASE_URL',
    'must be file:… for SQLite, such as file:data/ledger.db, or postgres://user:password@host/database.',
  );
}

/**
 * What payloads are encrypted with: `id:key`, a key being 32 bytes in base64; several with commas, the current one first. The word
 * `plain` among them: payloads from before are taken, too.
 */
export function payloadKeys(env: NodeJS.ProcessEnv): Config['payloads'] {
  const parts = (env.PAYLOAD_KEYS ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const keys = parts
    .filter((part) => part !== 'plain')
    .map((part) => {
      const [, id = '', encoded = ''] = /^([^:]+):(.+)$/.exec(part) ?? [];
      const key = Buffer.from(encoded, 'base64');
      if (id === '' || key.length !== 32) {
        throw bad(
          'PAYLOAD_KEYS',
          'must be id:key, several with commas, a key being 32 bytes in base64. "openssl rand -base64 32" makes one.',
        );
      }
      return { id, key };
    });
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice) throw bad('PAYLOAD_KEYS', `the id "${twice.id}" is there twice. Give each key its own.`);
  return { keys, takesPlain: parts.includes('plain') };
}

function policy(env: NodeJS.ProcessEnv): PolicyBook {
  if (env.POLICY_FILE) return readPolicy(env.POLICY_FILE);
  // Set but empty asks for no file, even where one lies about.
  if (env.POLICY_FILE === undefined && existsSync('policy.yml')) return readPolicy('policy.yml');
  return { default: DEFAULT_POLICY, channels: {} };
}

function mcp(env: NodeJS.ProcessEnv): ServerSettings[] {
  if (env.MCP_CONFIG) return readMcpConfig(env.MCP_CONFIG, env);
  // As with the policy, set but empty asks for no file.
  if (env.MCP_CONFIG === undefined && existsSync('.mcp.json')) return readMcpConfig('.mcp.json', env);
  return [];
}

function bad(name: string, what: string): ConfigError {
  return new ConfigError(
    name,
    `${name}${what.startsWith('is ') || what.startsWith('must ') ? ' ' : ': '}${what}`,
  );
}
