import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Settings } from '../../config/environment.js';
import { ConfigError } from '../../platform/errors.js';
import { packageFile } from '../../platform/package-file.js';
import { checkApprovalChannel, describePolicy } from '../../slack/permissions/describe-policy.js';
import {
  checkAppToken,
  checkChannel,
  identify,
  resolveChannel,
  type SlackAccess,
} from '../../slack/permissions/identity.js';
import { findPolicyProblems } from '../../slack/permissions/policy-problems.js';
import { findMissingScopes } from '../../slack/permissions/scopes.js';
import type { SlackMode } from '../../slack/receiver/app.js';
import { has, type Known, UNCHECKED } from './known.js';
import type { Report } from './report.js';

/** Scopes without which the service works, with less: it reads no files, posts none, knows no groups, or shows no prompts. */
const OPTIONAL = ['files:read', 'files:write', 'usergroups:read', 'assistant:write'];

/** Checks the tokens, the scopes, the approval channel, and the channels and groups of the policy. */
export async function checkSlack(known: Known, report: Report): Promise<void> {
  const { botToken, apiUrl, slackMode, policies, approvalChannel } = known;
  // A token goes to no other address than the one that the settings name.
  if (!has(known, 'apiUrl')) return report.note('Slack', UNCHECKED);
  const accessWith = (token: string): SlackAccess => ({ botToken: token, ...(apiUrl && { apiUrl }) });
  let access: SlackAccess | undefined;
  // One minute without Slack is enough.
  let patience = {};
  if (botToken === undefined) report.note('Slack', UNCHECKED);
  else if (await report.check('Slack', () => describeTeam(accessWith(botToken))))
    access = accessWith(botToken);
  else patience = { patienceMs: 0 };
  if (botToken !== undefined) await checkScopes(accessWith(botToken), report);
  if (slackMode) await checkEvents(slackMode, { ...accessWith(''), ...patience }, report);
  else if (!has(known, 'slackMode')) report.note('Slack events', UNCHECKED);
  if (!policies) return report.note('policy', UNCHECKED);
  if (!access)
    return report.note('policy', 'its channels and groups are not checked, because Slack is not there');
  await checkPolicy(access, policies, approvalChannel, report);
}

async function describeTeam(access: SlackAccess): Promise<string> {
  const { team, botUserId } = await identify(access);
  return `team ${team}, bot ${botUserId}`;
}

async function checkScopes(access: SlackAccess, report: Report): Promise<void> {
  const manifest = parse(readFileSync(packageFile('manifest.yml'), 'utf8'));
  const missing = await findMissingScopes(access, manifest.oauth_config.scopes.bot).catch(() => []);
  if (missing.length === 0) return;
  const text = `The bot token lacks ${missing.join(', ')}. Paste manifest.yml again, and install the app again.`;
  if (missing.every((scope) => OPTIONAL.includes(scope))) report.note('Slack scopes', text);
  else report.wrong('Slack scopes', new ConfigError('SLACK_BOT_TOKEN', text));
}

async function checkEvents(mode: SlackMode, access: SlackAccess, report: Report): Promise<void> {
  if (mode.kind === 'http')
    return report.note(
      'Slack events',
      `HTTP mode: Slack must reach /slack/events on port ${mode.port}, which is not checked`,
    );
  await report.check('Slack events', async () => {
    await checkAppToken(mode.appToken, access);
    return 'Socket Mode, the app token is valid';
  });
}

async function checkPolicy(
  access: SlackAccess,
  { file, book }: Settings['policies'],
  approvalChannel: string | undefined,
  report: Report,
): Promise<void> {
  let channel: string | undefined;
  if (approvalChannel !== undefined)
    await report.check('approval channel', async () => {
      channel = await resolveChannel(access, approvalChannel);
      checkApprovalChannel(book, channel, approvalChannel);
      return checkChannel(access, channel);
    });
  await report.check('policy', async () => {
    const problems = await findPolicyProblems(access, book);
    if (problems.length > 0) throw new ConfigError('POLICY_FILE', `POLICY_FILE: ${problems.join(' ')}`);
    return `${file ?? 'no file'}. ${await describePolicy(access, book, channel)}`;
  });
}
