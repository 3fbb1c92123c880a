import { showHidden } from '../approval/hidden-text.js';
import { DEFAULT_REQUESTERS } from '../approval/policy.js';
import { readConfig } from '../config/environment.js';
import { openLedger, withoutPassword } from '../ledger/index.js';
import { connectModel } from '../llm/connect-model.js';
import { ConfigError, CountersignError } from '../platform/errors.js';
import { describeProxy } from '../platform/proxy.js';
import { findRuleProblems } from '../run/execution/rules.js';
import { checkApprovalChannel, describePolicy } from '../slack/permissions/describe-policy.js';
import { checkAppToken, checkChannel, identify, resolveChannel } from '../slack/permissions/identity.js';
import { findPolicyProblems } from '../slack/permissions/policy-problems.js';
import { connectTemporal } from '../temporal/connection.js';
import { createLogins, createToolbox, withLogins } from '../tools/index.js';

/** Checks each setting and connection, and prints one line each. Returns true when all are well. */
export async function examine(env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<boolean> {
  // Servers' words and names of tools must not control the terminal.
  const say = (line: string) => print(showHidden(line));
  let well = true;
  const check = async (what: string, work: () => Promise<string>): Promise<boolean> => {
    try {
      say(`ok    ${what}: ${await work()}`);
      return true;
    } catch (error) {
      well = false;
      say(`WRONG ${what}: ${error instanceof CountersignError ? error.message : String(error)}`);
      return false;
    }
  };
  let config: ReturnType<typeof readConfig> | undefined;
  await check('settings', async () => {
    config = readConfig(env);
    return 'all variables are valid';
  });
  if (!config) return false;
  for (const warning of config.warnings) say(`note  settings: ${warning}`);
  const {
    slack: settings,
    approvalChannel,
    anthropic,
    databaseUrl,
    payloads,
    policy,
    mcp,
    loginKeys,
  } = config;

  const isThere = await check('Slack', async () => {
    const { team, botUserId } = await identify(settings);
    return `team ${team}, bot ${botUserId}`;
  });
  // One minute without Slack is enough.
  const slack = { ...settings, ...(!isThere && { patienceMs: 0 }) };
  await check('Slack events', async () => {
    const { mode } = slack;
    if (mode.kind === 'http') return `HTTP mode: Slack must reach /slack/events on port ${mode.port}`;
    await checkAppToken(mode.appToken, slack);
    return 'Socket Mode, the app token is valid';
  });
  const proxy = describeProxy(env);
  if (proxy) await check('proxy', async () => [proxy.summary, ...proxy.limits].join('. '));
  let resolvedChannel: string | undefined;
  if (approvalChannel !== undefined) {
    await check('approval channel', async () => {
      resolvedChannel = await resolveChannel(slack, approvalChannel);
      checkApprovalChannel(policy, resolvedChannel, approvalChannel);
      return checkChannel(slack, resolvedChannel);
    });
  }
  await check('policy', async () => {
    const problems = await findPolicyProblems(slack, policy);
    if (problems.length > 0) throw new ConfigError('POLICY_FILE', `POLICY_FILE: ${problems.join(' ')}`);
    return `${config?.policyFile ?? 'no file'}. ${await describePolicy(slack, policy, resolvedChannel)}`;
  });
  const { requesters = DEFAULT_REQUESTERS, limits } = policy;
  await check('requesters', async () => `${requesters.join(', ')} may start runs`);
  await check('limits', async () =>
    limits
      ? JSON.stringify(limits)
      : 'none. It is better to limit how many runs a person and a channel may start: policy.example.yml shows `limits`',
  );
  await check('Claude', async () => {
    const { summary, problem } = await (await connectModel(anthropic)).check();
    if (problem !== undefined) throw new CountersignError('ModelUnchecked', problem);
    return summary;
  });
  if (mcp.length > 0 || policy.tools) {
    // The check of the ledger below says why it can't be opened.
    const ledger = await openLedger(databaseUrl).catch(() => undefined);
    const servers = ledger ? withLogins(mcp, createLogins(ledger, loginKeys)) : mcp;
    const toolbox = createToolbox({ servers, log: { debug() {}, info() {}, warn() {} } });
    await toolbox.started();
    for (const { server, cost, reason } of toolbox.servers()) {
      await check(`MCP server ${server}`, async () => {
        if (reason !== undefined) throw new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${reason}`);
        const leftOut = toolbox.leftOut().filter((one) => one.server === server);
        const without = leftOut.map((one) => ` ${one.tool} can't be offered: ${one.reason}`);
        return `connects, ${cost}.${without.join('')}`;
      });
    }
    const search = await toolbox.search();
    if (search) await check('tools', async () => search);
    await check('rules for tools', async () => {
      const rules = policy.tools ?? [];
      const away = toolbox.problems().map(({ server }) => server);
      const problems = findRuleProblems(rules, await toolbox.list(), away);
      if (problems.length > 0) throw new ConfigError('POLICY_FILE', `POLICY_FILE: ${problems.join(' ')}`);
      return rules.length === 0 ? 'none' : `${rules.length}, each matches a tool`;
    });
    await toolbox.close();
    await ledger?.close();
  }
  await check('Temporal', async () => {
    const temporal = await connectTemporal();
    const found = await temporal.registerSearchAttributes();
    await temporal.close();
    const attributes = found ? 'search attributes registered' : 'search attributes not registered';
    const [key] = payloads.keys;
    const encryption = key ? `payloads encrypted with key ${key.id}` : 'payloads not encrypted';
    const direct = temporal.proxyProblem ? `. ${temporal.proxyProblem}` : '';
    return `namespace ${temporal.namespace}, ${attributes}, ${encryption}${direct}`;
  });
  await check('ledger', async () => {
    const ledger = await openLedger(databaseUrl);
    await ledger.close();
    return withoutPassword(databaseUrl);
  });
  return well;
}
