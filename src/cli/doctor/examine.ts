import { DEFAULT_REQUESTERS } from '../../approval/policy.js';
import { readSettings } from '../../config/environment.js';
import type { Role } from '../../config/role.js';
import { type ExaminedLedger, examineLedger } from '../../ledger/index.js';
import { connectModel } from '../../llm/connect-model.js';
import { CountersignError } from '../../platform/errors.js';
import { describeProxy } from '../../platform/proxy.js';
import { connectTemporal } from '../../temporal/connection.js';
import { checkSlack } from './check-slack.js';
import { checkTools } from './check-tools.js';
import { has, type Known, UNCHECKED } from './known.js';
import { createReport } from './report.js';

/**
 * Checks each setting and connection, prints one line each, and makes and changes nothing. A setting that is missing or wrong keeps
 * the others from nothing but what needs it. Returns true when nothing is wrong.
 */
export async function examine(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
  role: Role = 'all',
): Promise<boolean> {
  const report = createReport(print);
  const { values: known, problems, warnings } = readSettings(env, role);
  for (const problem of problems) report.wrong('settings', problem);
  if (problems.length === 0) report.ok('settings', 'all variables are valid');
  for (const warning of warnings) report.note('settings', warning);

  const proxy = describeProxy(env);
  if (proxy) await report.check('proxy', async () => [proxy.summary, ...proxy.limits].join('. '));
  await checkSlack(known, report);
  if (known.policies) {
    const { requesters = DEFAULT_REQUESTERS, limits } = known.policies.book;
    report.note('requesters', `${requesters.join(', ')} may start runs`);
    report.note('limits', limits ? JSON.stringify(limits) : NO_LIMITS);
  }
  const { model, fallbackModel, databaseUrl } = known;
  if (model && has(known, 'fallbackModel', 'effort')) {
    const { effort } = known;
    await report.check('Claude', async () => {
      const settings = { ...model, effort, ...(fallbackModel && { fallbackModel }) };
      const { summary, problem } = await (await connectModel(settings)).check();
      if (problem !== undefined) throw new CountersignError('ModelUnchecked', problem);
      return summary;
    });
  } else if (!has(known, 'model', 'fallbackModel', 'effort')) report.note('Claude', UNCHECKED);

  let ledger: ExaminedLedger | undefined;
  if (databaseUrl !== undefined)
    await report.check('ledger', async () => {
      ledger = await examineLedger(databaseUrl);
      return ledger.summary;
    });
  else report.note('ledger', UNCHECKED);
  await checkTools(known, ledger?.logins, report);
  await ledger?.close?.();
  await report.check('Temporal', () => describeTemporal(known));
  return report.isWell();
}

const NO_LIMITS =
  'none. It is better to limit how many runs a person and a channel may start: policy.example.yml shows `limits`';

async function describeTemporal({ payloads }: Known): Promise<string> {
  const temporal = await connectTemporal();
  try {
    const attributes = (await temporal.hasSearchAttributes())
      ? 'search attributes registered'
      : 'search attributes not registered: the start does it where the server lets it';
    const [key] = payloads?.keys ?? [];
    const encryption = key ? `payloads encrypted with key ${key.id}` : 'payloads not encrypted';
    const direct = temporal.proxyProblem ? `. ${temporal.proxyProblem}` : '';
    return `namespace ${temporal.namespace}, ${attributes}, ${encryption}${direct}`;
  } finally {
    await temporal.close();
  }
}
