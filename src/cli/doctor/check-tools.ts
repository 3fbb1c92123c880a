import type { PolicyBook } from '../../approval/policy.js';
import type { ExaminedLedger } from '../../ledger/index.js';
import { ConfigError } from '../../platform/errors.js';
import { findRuleProblems } from '../../run/execution/rules.js';
import { createLogins, createToolbox, type Toolbox, withLogins } from '../../tools/index.js';
import { type Known, UNCHECKED } from './known.js';
import type { Report } from './report.js';

/** Starts the MCP servers, and compares the rules for tools with their tools. `logins`: those in the ledger, where it is there. */
export async function checkTools(
  known: Known,
  logins: ExaminedLedger['logins'],
  report: Report,
): Promise<void> {
  const { mcp, policies, loginKeys } = known;
  if (!mcp) report.note('MCP servers', UNCHECKED);
  const rules = policies?.book.tools;
  if (!mcp?.length && !rules) return;
  const servers = mcp && logins && loginKeys ? withLogins(mcp, createLogins(logins, loginKeys)) : (mcp ?? []);
  const toolbox = createToolbox({ servers, log: { debug() {}, info() {}, warn() {} } });
  try {
    await toolbox.started();
    for (const { server, cost, reason } of toolbox.servers())
      await report.check(`MCP server ${server}`, async () => {
        if (reason !== undefined) throw new ConfigError('MCP_CONFIG', `MCP_CONFIG: ${reason}`);
        const leftOut = toolbox.leftOut().filter((one) => one.server === server);
        const without = leftOut.map((one) => ` ${one.tool} can't be offered: ${one.reason}`);
        return `connects, ${cost}.${without.join('')}`;
      });
    const search = await toolbox.search();
    if (search) report.note('tools', search);
    if (!mcp) report.note('rules for tools', UNCHECKED);
    else await report.check('rules for tools', () => describeRules(rules ?? [], toolbox));
  } finally {
    await toolbox.close();
  }
}

async function describeRules(rules: NonNullable<PolicyBook['tools']>, toolbox: Toolbox): Promise<string> {
  const away = toolbox.problems().map(({ server }) => server);
  const problems = findRuleProblems(rules, await toolbox.list(), away);
  if (problems.length > 0) throw new ConfigError('POLICY_FILE', `POLICY_FILE: ${problems.join(' ')}`);
  return rules.length === 0 ? 'none' : `${rules.length}, each matches a tool`;
}
