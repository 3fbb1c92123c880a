import { type Config, readVariable } from '../config/environment.js';
import { connectModel } from '../llm/connect-model.js';
import { ConfigError } from '../platform/errors.js';
import { checkAppToken, findOtherApp, type Identity, identify } from '../slack/permissions/identity.js';
import type { Temporal } from '../temporal/connection.js';
import type { FollowedSecrets, SecretUse } from './follow-secrets.js';

interface Parts {
  config: Config;
  identity: Identity;
  temporal: Pick<Temporal, 'checkApiKey' | 'useApiKey'>;
  ledger: { useAddress(url: string): Promise<void> };
}

/** Says how each secret is renewed while the service runs. Slack's and Claude's clients ask for the current value with each call. */
export function secretUses({ config, identity, temporal, ledger }: Parts): FollowedSecrets['uses'] {
  const { slack, anthropic } = config;
  const access = { ...slack, patienceMs: 0 };
  // A bot has no model. A place that could not be asked with the key before either, such as some gateways, says nothing against the new one.
  const model = async (credentials: { apiKey: string } | { authToken: string }): Promise<void> => {
    if (!anthropic) return;
    const { problem } = await (await connectModel({ ...anthropic, ...credentials })).check();
    if (problem === undefined || (await (await connectModel(anthropic)).check()).problem !== undefined)
      return;
    throw new Error(problem);
  };
  return {
    SLACK_BOT_TOKEN: {
      async check(botToken) {
        parse('SLACK_BOT_TOKEN', botToken);
        const { app } = await identify({ ...access, botToken });
        if (app === identity.app) return;
        throw new ConfigError('SLACK_BOT_TOKEN', `its token is of another app, ${app}`);
      },
    },
    SLACK_APP_TOKEN: {
      async check(appToken) {
        parse('SLACK_APP_TOKEN', appToken);
        const problem = findOtherApp(appToken, identity.app);
        if (problem) throw new ConfigError('SLACK_APP_TOKEN', problem);
        await checkAppToken(appToken, access);
      },
    },
    // Only a request of Slack's shows whether it is right.
    SLACK_SIGNING_SECRET: { check: async (secret) => parse('SLACK_SIGNING_SECRET', secret) },
    ANTHROPIC_API_KEY: { check: (apiKey) => model({ apiKey }) },
    ANTHROPIC_AUTH_TOKEN: { check: (authToken) => model({ authToken }) },
    TEMPORAL_API_KEY: { check: temporal.checkApiKey, take: temporal.useApiKey },
    DATABASE_URL: databaseUse(config.databaseUrl, ledger),
  };
}

/** Checks how a value looks. @throws ConfigError */
function parse(
  name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN' | 'SLACK_SIGNING_SECRET' | 'DATABASE_URL',
  value: string,
) {
  return readVariable({ [name]: value }, name);
}

/** A new address must lead to the same database: its user and its password may change. */
function databaseUse(before: string, ledger: Parts['ledger']): SecretUse {
  const placeOf = (address: string) => {
    const { protocol, host, pathname } = new URL(address);
    return `${protocol}//${host}${pathname}`;
  };
  return {
    async check(address) {
      parse('DATABASE_URL', address);
      if (placeOf(address) === placeOf(before)) return;
      throw new ConfigError('DATABASE_URL', 'it leads to another database, so restart the service');
    },
    take: (address) => ledger.useAddress(address),
  };
}
