import { WebClient } from '@slack/web-api';
import { ConfigError } from '../../errors.js';
import { isWrongToken, toRemoteError, wrongAppToken, wrongBotToken } from '../client/failures.js';

/** The bot that the token stands for, and its team. */
export interface Identity {
  botId: string;
  botUserId: string;
  team: string;
  teamId: string;
  /** The team's organization, on Enterprise Grid. */
  enterpriseId?: string;
}

export interface SlackAccess {
  botToken: string;
  apiUrl?: string;
}

/** At the start a short outage is waited out, a long one is told. */
const START_CALL = { retryConfig: { retries: 3, minTimeout: 300 }, timeout: 10_000 };

/**
 * Asks Slack whose token this is.
 *
 * @throws ConfigError when the token is wrong or Slack can't be reached.
 */
export async function identify(access: SlackAccess): Promise<Identity> {
  try {
    const { bot_id, user_id, team, team_id, enterprise_id } = await clientOf(access).auth.test();
    return {
      ...{ botId: bot_id ?? '', botUserId: user_id ?? '', team: team ?? '', teamId: team_id ?? '' },
      ...(enterprise_id && { enterpriseId: enterprise_id }),
    };
  } catch (error) {
    throw isWrongToken(error) ? wrongBotToken(error) : unreachable(access, 'auth.test', error);
  }
}

/**
 * The id of the channel where plans are posted. `name` is a channel's id, or its name with or without `#`.
 *
 * @throws ConfigError when there is no such channel that the bot can see.
 */
export async function resolveChannel(access: SlackAccess, name: string): Promise<string> {
  if (/^[CGD][A-Z0-9_]+$/.test(name)) return name;
  const wanted = name.replace(/^#/, '');
  const client = clientOf(access);
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.list({
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 1000,
        ...(cursor && { cursor }),
      });
      const found = page.channels?.find((channel) => channel.name === wanted);
      if (found?.id) return found.id;
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
  } catch (error) {
    throw unreachable(access, 'conversations.list', error);
  }
  throw new ConfigError(
    'APPROVAL_CHANNEL',
    `APPROVAL_CHANNEL: there is no channel #${wanted} that the bot can see. Give the channel's id (C…: open its details in Slack, it is at the bottom), or invite the bot if it is private.`,
  );
}

/**
 * Checks that plans can be posted in a channel; returns its name.
 *
 * @throws ConfigError when it is archived, unknown, or the bot isn't a member.
 */
export async function checkChannel(access: SlackAccess, id: string): Promise<string> {
  let channel: { name?: string; is_member?: boolean; is_archived?: boolean } | undefined;
  try {
    ({ channel } = await clientOf(access).conversations.info({ channel: id }));
  } catch (error) {
    throw unreachable(access, 'conversations.info', error);
  }
  const name = channel?.name ?? id;
  if (channel?.is_archived)
    throw new ConfigError('APPROVAL_CHANNEL', `APPROVAL_CHANNEL: #${name} is archived.`);
  if (channel?.is_member === false) {
    throw new ConfigError(
      'APPROVAL_CHANNEL',
      `APPROVAL_CHANNEL: the bot isn't in #${name}; invite it there.`,
    );
  }
  return `#${name}`;
}

/** Asks for a Socket Mode address, and doesn't use it. @throws ConfigError when the token is wrong. */
export async function checkAppToken(appToken: string, apiUrl?: string): Promise<void> {
  const access = { botToken: appToken, ...(apiUrl && { apiUrl }) };
  try {
    await clientOf(access).apps.connections.open({});
  } catch (error) {
    throw isWrongToken(error) ? wrongAppToken(error) : unreachable(access, 'apps.connections.open', error);
  }
}

/** A client for the start and the doctor: it tries again, and waits as long as Slack says. */
export function clientOf({ botToken, apiUrl }: SlackAccess): WebClient {
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, setName() {} };
  const logger = { ...quiet, getLevel: () => 'error' as never };
  return new WebClient(botToken, { ...START_CALL, logger, ...(apiUrl && { slackApiUrl: apiUrl }) });
}

function unreachable({ apiUrl }: SlackAccess, method: string, error: unknown): ConfigError {
  const name = apiUrl ? 'SLACK_API_URL' : 'SLACK_BOT_TOKEN';
  return new ConfigError(name, `${name}: ${toRemoteError(method, error).message}`, { cause: error });
}
