import { readConfig } from './config.js';
import { CountersignError } from './core/errors.js';
import { openLedger } from './ledger/index.js';
import { createModel } from './llm/index.js';
import { checkAppToken, checkChannel, identify, resolveChannel } from './slack/identity.js';
import { connectTemporal } from './temporal/connection.js';

/** Checks each setting and connection, a line each. True when all of it is well. */
export async function examine(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<boolean> {
  let well = true;
  const check = async (what: string, work: () => Promise<string>) => {
    try {
      say(`ok    ${what}: ${await work()}`);
    } catch (error) {
      well = false;
      say(`WRONG ${what}: ${error instanceof CountersignError ? error.message : String(error)}`);
    }
  };
  let config: ReturnType<typeof readConfig> | undefined;
  await check('settings', async () => {
    config = readConfig(env);
    return 'every variable is there and reads well';
  });
  if (!config) return false;
  const { slack, approvalChannel, anthropic, databaseUrl } = config;

  await check('Slack', async () => {
    const { team, botUserId } = await identify(slack);
    return `team ${team}, bot ${botUserId}`;
  });
  await check('Slack events', async () => {
    if (slack.mode.kind === 'http')
      return `HTTP mode: Slack must reach /slack/events on port ${slack.mode.port}`;
    await checkAppToken(slack.mode.appToken, slack.apiUrl);
    return 'Socket Mode, the app token is good';
  });
  if (approvalChannel !== undefined) {
    await check('approval channel', async () =>
      checkChannel(slack, await resolveChannel(slack, approvalChannel)),
    );
  }
  await check('Claude', async () => {
    await createModel(anthropic).check();
    return `model ${anthropic.model}`;
  });
  await check('Temporal', async () => {
    const temporal = await connectTemporal();
    await temporal.close();
    return `namespace ${temporal.namespace}`;
  });
  await check('ledger', async () => {
    const ledger = await openLedger(databaseUrl);
    await ledger.close();
    return databaseUrl;
  });
  return well;
}
