import { WebClient, type WebClientOptions } from '@slack/web-api';
import { ConfigError } from '../../platform/errors.js';
import { reveal, type Secret } from '../../platform/secret.js';
import { observed } from '../client/observed-fetch.js';
import { isWrongToken, toRemoteError, wrongAppToken, wrongBotToken } from '../client/web/failures.js';
import { keepTrying, ONE_ATTEMPT } from '../client/web/keep-trying.js';
import { askWorkspaces } from './workspaces.js';

/** The token's bot, and its team. */
export interface Identity {
  botId: string;
  botUserId: string;
  /** Name of the team. */
  team: string;
  /** Ids of the team and the app, `T…/A…`: runs and schedules of this app have them. */
  app: string;
  /** Team that runs the app; on Enterprise Grid also its organization. */
  home: { team: string; enterprise?: string };
}

export interface SlackAccess {
  botToken: Secret;
  apiUrl?: string;
  /** Longest time that a call is tried again, in milliseconds. @default one minute */
  patienceMs?: number;
}

/** Checks after the start wait out a short outage. */
const CHECK = { retryConfig: { retries: 3, minTimeout: 300 }, timeout: 10_000 };

/** Asks Slack to whom the token belongs. @throws ConfigError when the token is wrong or Slack is unreachable. */
export async function identify(access: SlackAccess): Promise<Identity> {
  const { bot_id, user_id, team, team_id, enterprise_id } = await ask(access, 'auth.test', (client) =>
    client.auth.test(),
  );
  // The token of an app that is installed for a whole organization names that, or no team.
  const own = team_id ?? enterprise_id ?? '';
  const home = { team: own, ...(enterprise_id && { enterprise: enterprise_id }) };
  const botId = bot_id ?? '';
  const about = { bot: botId, ...(team_id?.startsWith('T') && { team_id }) };
  const appId = await ask(access, 'bots.info', (client) => findAppId(client, about));
  const app = `${own}/${appId ?? botId}`;
  return { botId, botUserId: user_id ?? '', team: team ?? '', app, home };
}

/**
 * Finds the id of a bot's app: in HTTP mode there is no app token, whose text would hold that id. Undefined where the server at `SLACK_API_URL`
 * has no such method.
 */
async function findAppId(
  client: WebClient,
  about: { bot: string; team_id?: string },
): Promise<string | undefined> {
  try {
    // An organization's token needs a team; Slack ignores it with another token.
    const { bot } = await askWorkspaces(client, (workspace) => client.bots.info({ ...about, ...workspace }));
    return bot?.app_id;
  } catch (error) {
    if (toRemoteError('bots.info', error).code !== 'unknown_method') throw error;
    return undefined;
  }
}

/**
 * Finds the id of the approval channel. `name` is a channel's id, or its name with or without `#`.
 *
 * @throws ConfigError when the bot sees no such channel.
 */
export async function resolveChannel(access: SlackAccess, name: string): Promise<string> {
  if (/^[CGD][A-Z0-9_]+$/.test(name)) return name;
  const wanted = name.replace(/^#/, '');
  const filter = { types: 'public_channel,private_channel', exclude_archived: true, limit: 1000 };
  const id = await ask(access, 'conversations.list', (client) =>
    askWorkspaces(client, async (workspace) => {
      let cursor: string | undefined;
      do {
        const page = await client.conversations.list({ ...filter, ...workspace, ...(cursor && { cursor }) });
        const found = page.channels?.find((channel) => channel.name === wanted);
        if (found?.id) return found.id;
        cursor = page.response_metadata?.next_cursor;
      } while (cursor);
      return undefined;
    }),
  );
  if (id !== undefined) return id;
  throw wrongChannel(
    `there is no channel #${wanted} that the bot can see. Give the channel's id (C…: open its details in Slack, it is at the bottom), or invite the bot if it is private.`,
  );
}

/** Checks that the bot can post in a channel, and returns the channel's name. @throws ConfigError when it can't. */
export async function checkChannel(access: SlackAccess, id: string): Promise<string> {
  const { channel } = await ask(access, 'conversations.info', (client) =>
    client.conversations.info({ channel: id }),
  );
  const name = channel?.name ?? id;
  if (channel?.is_archived) throw wrongChannel(`#${name} is archived.`);
  if (channel?.is_member === false) throw wrongChannel(`the bot isn't in #${name}; invite it there.`);
  return `#${name}`;
}

/** Says that an app token is of another app: it names one (`xapp-1-A…-`). `own`: `T…/A…` of the bot token. Undefined where none is named. */
export function findOtherApp(appToken: string, own: string): string | undefined {
  const [, named] = /^xapp-\d+-(A[A-Z0-9]+)-/.exec(appToken) ?? [];
  const [, app = ''] = own.split('/');
  // Where Slack doesn't name the app, the bot's id stands for it.
  if (named === undefined || !app.startsWith('A') || named === app) return undefined;
  return `SLACK_APP_TOKEN: this token is of the app ${named}, and SLACK_BOT_TOKEN is of ${app}. Copy both from one app's page at api.slack.com/apps.`;
}

/** Checks the app token by asking for a Socket Mode address. @throws ConfigError when the token is wrong. */
export async function checkAppToken(appToken: Secret, slack: SlackAccess): Promise<void> {
  const access = { ...slack, botToken: appToken };
  await ask(access, 'apps.connections.open', (client) => client.apps.connections.open({}), wrongAppToken);
}

/** Creates a client for the start and the doctor. Unless told otherwise it retries, and waits as long as Slack asks. */
export function clientOf({ botToken, apiUrl }: SlackAccess, options: WebClientOptions = CHECK): WebClient {
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };
  const logger = { ...quiet, getLevel: () => 'error' as never };
  const place = { ...observed(), ...(apiUrl && { slackApiUrl: apiUrl }) };
  return new WebClient(reveal(botToken), { ...options, ...place, logger });
}

async function ask<T>(
  access: SlackAccess,
  method: string,
  work: (client: WebClient) => Promise<T>,
  wrongToken = wrongBotToken,
): Promise<T> {
  const { apiUrl: address = 'https://slack.com/api/', patienceMs } = access;
  const attempts = { method, address, ...(patienceMs !== undefined && { patienceMs }) };
  try {
    return await keepTrying(attempts, () => work(clientOf(access, ONE_ATTEMPT)));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (isWrongToken(error)) throw wrongToken(error);
    const name = access.apiUrl ? 'SLACK_API_URL' : 'SLACK_BOT_TOKEN';
    throw new ConfigError(name, `${name}: ${toRemoteError(method, error).message}`, { cause: error });
  }
}

function wrongChannel(problem: string): ConfigError {
  return new ConfigError('APPROVAL_CHANNEL', `APPROVAL_CHANNEL: ${problem}`);
}
