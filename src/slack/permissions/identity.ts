import { WebClient } from '@slack/web-api';
import { ConfigError } from '../../platform/errors.js';
import { isWrongToken, toRemoteError, wrongAppToken, wrongBotToken } from '../client/failures.js';

/** The bot that the token stands for, and its team. */
export interface Identity {
  botId: string;
  botUserId: string;
  /** Name of the team. */
  team: string;
  /** The team that runs the app, and its organization on Enterprise Grid. */
  home: { team: string; enterprise?: string };
}

export interface SlackAccess {
  botToken: string;
  apiUrl?: string;
}

/** At the start a short outage is waited out, a long one is told. */
const START_CALL = { retryConfig: { retries: 3, minTimeout: 300 }, timeout: 10_000 };

/** Asks Slack whose token this is. @throws ConfigError when the token is wrong or Slack can't be reached. */
export async function identify(access: SlackAccess): Promise<Identity> {
  const { bot_id, user_id, team, team_id, enterprise_id } = await ask(access, 'auth.test', (client) =>
    client.auth.test(),
  );
  const home = { team: team_id ?? '', ...(enterprise_id && { enterprise: enterprise_id }) };
  return { botId: bot_id ?? '', botUserId: user_id ?? '', team: team ?? '', home };
}

/**
 * The id of the channel where plans are posted. `name` is a channel's id, or its name with or without `#`.
 *
 * @throws ConfigError when there is no such channel that the bot can see.
 */
export async function resolveChannel(access: SlackAccess, name: string): Promise<string> {
  if (/^[CGD][A-Z0-9_]+$/.test(name)) return name;
  const wanted = name.replace(/^#/, '');
  const filter = { types: 'public_channel,private_channel', exclude_archived: true, limit: 1000 };
  let cursor: string | undefined;
  do {
    const page = await ask(access, 'conversations.list', (client) =>
      client.conversations.list({ ...filter, ...(cursor && { cursor }) }),
    );
    const found = page.channels?.find((channel) => channel.name === wanted);
    if (found?.id) return found.id;
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
  throw wrongChannel(
    `there is no channel #${wanted} that the bot can see. Give the channel's id (C…: open its details in Slack, it is at the bottom), or invite the bot if it is private.`,
  );
}

/** Checks that plans can be posted in a channel; returns its name. @throws ConfigError when they can't. */
export async function checkChannel(access: SlackAccess, id: string): Promise<string> {
  const { channel } = await ask(access, 'conversations.info', (client) =>
    client.conversations.info({ channel: id }),
  );
  const name = channel?.name ?? id;
  if (channel?.is_archived) throw wrongChannel(`#${name} is archived.`);
  if (channel?.is_member === false) throw wrongChannel(`the bot isn't in #${name}; invite it there.`);
  return `#${name}`;
}

/** Asks for a Socket Mode address, and doesn't use it. @throws ConfigError when the token is wrong. */
export async function checkAppToken(appToken: string, apiUrl?: string): Promise<void> {
  const access = { botToken: appToken, ...(apiUrl && { apiUrl }) };
  await ask(access, 'apps.connections.open', (client) => client.apps.connections.open({}), wrongAppToken);
}

/** A client for the start and the doctor: it tries again, and waits as long as Slack says. */
export function clientOf({ botToken, apiUrl }: SlackAccess): WebClient {
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };
  const logger = { ...quiet, getLevel: () => 'error' as never };
  return new WebClient(botToken, { ...START_CALL, logger, ...(apiUrl && { slackApiUrl: apiUrl }) });
}

async function ask<T>(
  access: SlackAccess,
  method: string,
  work: (client: WebClient) => Promise<T>,
  wrongToken = wrongBotToken,
): Promise<T> {
  try {
    return await work(clientOf(access));
  } catch (error) {
    if (isWrongToken(error)) throw wrongToken(error);
    const name = access.apiUrl ? 'SLACK_API_URL' : 'SLACK_BOT_TOKEN';
    throw new ConfigError(name, `${name}: ${toRemoteError(method, error).message}`, { cause: error });
  }
}

function wrongChannel(problem: string): ConfigError {
  return new ConfigError('APPROVAL_CHANNEL', `APPROVAL_CHANNEL: ${problem}`);
}
