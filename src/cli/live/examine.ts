import { readVariable } from '../../config/environment.js';
import { isPostObstacle } from '../../run/admission.js';
import { toRemoteError } from '../../slack/client/web/failures.js';
import { clientOf, resolveChannel } from '../../slack/permissions/identity.js';
import { Scratch } from './scratch.js';
import { type Finding, TRIALS } from './trials.js';

/**
 * Tries in a channel of the real Slack what the service relies on, and prints one line for each trial. Everything that it posts is deleted, after a
 * failure and Ctrl-C too. Nobody is mentioned, and nothing is opened.
 *
 * @returns False if something that the service relies on isn't so, or if something could not be deleted.
 */
export async function examineLive(
  env: NodeJS.ProcessEnv,
  channelName: string,
  say: (line: string) => void,
): Promise<boolean> {
  const apiUrl = readVariable(env, 'SLACK_API_URL');
  const access = { botToken: readVariable(env, 'SLACK_BOT_TOKEN'), ...(apiUrl && { apiUrl }) };
  const channel = await resolveChannel(access, channelName);
  const scratch = new Scratch(clientOf(access), channel);
  let [isWell, isStopped] = [true, false];
  const report = ({ verdict, did }: Finding, what: string) => {
    if (verdict === 'WRONG') isWell = false;
    say(`${verdict.padEnd(5)} ${what}: ${did}`);
  };
  const stop = () => {
    isStopped = true;
  };
  process.once('SIGINT', stop);
  try {
    for (const { what, run } of TRIALS) {
      if (isStopped) return false;
      const { code, ...finding } = await (run(scratch) as Promise<Finding & { code?: string }>).catch(failed);
      report(finding, what);
      if (code !== undefined && isPostObstacle(code)) {
        say(`The bot can't post in ${channelName}. \`/invite @countersign\` there, or try another channel.`);
        return false;
      }
    }
  } finally {
    const { deleted, left } = await scratch.clean();
    const problem = left.length > 0 && `${left.join(', ')} could not be deleted. Delete by hand.`;
    const did = problem || `${deleted} messages and files deleted`;
    report({ verdict: problem ? 'WRONG' : 'ok', did }, 'clean-up');
    process.off('SIGINT', stop);
  }
  return isWell;
}

/** A trial that can't be made. Without a scope for files or groups the service works, with less. */
function failed(error: unknown): Finding & { code?: string } {
  const { code, message: did } = toRemoteError('the trial', error);
  const isOptional = code === 'missing_scope' && /files:write|usergroups:read/.test(did);
  return { verdict: isOptional ? 'note' : 'WRONG', did, code };
}
