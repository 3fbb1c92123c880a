import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { parseDuration } from './core/duration.js';
import { ConfigError } from './core/errors.js';
import { DEFAULT_POLICY, type PolicyBook } from './core/policy.js';

const approver = z
  .string()
  .regex(
    /^([UW][A-Z0-9_]+|requester|anyone)$/,
    'must be a user id (U…), or one of the words requester, anyone',
  );

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration such as "3 days" or "90 minutes"' });
  return z.NEVER;
});

const rules = z.strictObject({
  approvers: z.array(approver).min(1, 'must name somebody').optional(),
  approvals: z.int().min(1).optional(),
  requesterMayApprove: z.boolean().optional(),
  expiresAfter: duration.optional(),
});

const file = z.strictObject({
  default: rules.optional(),
  channels: z.record(z.string(), rules).optional(),
});

/**
 * Reads the approval policy.
 *
 * @throws ConfigError that names the line. A key that this version doesn't enforce is refused: a rule that
 * silently does nothing is worse than none.
 */
export function readPolicy(path: string): PolicyBook {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw invalid(path, lines.linePos(broken.pos[0]).line, broken.message.split('\n')[0] ?? '');
  const parsed = file.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const keys = issue && 'keys' in issue ? issue.keys : [];
    const place = [...(issue?.path ?? []), ...keys.slice(0, 1)];
    const node = document.getIn(place, true);
    const range =
      typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[]) : [];
    throw invalid(path, lines.linePos(range[0] ?? 0).line, `${place.join('.')}: ${issue?.message}`);
  }
  const { default: base = {}, channels = {} } = parsed.data;
  return {
    default: { ...DEFAULT_POLICY, ...toPolicy(base) },
    channels: Object.fromEntries(Object.entries(channels).map(([id, own]) => [id, toPolicy(own)])),
  };
}

function toPolicy({ expiresAfter, approvers, approvals, requesterMayApprove }: z.infer<typeof rules>) {
  return {
    ...(approvers && { approvers }),
    ...(approvals !== undefined && { approvals }),
    ...(requesterMayApprove !== undefined && { requesterMayApprove }),
    ...(expiresAfter !== undefined && { expiresAfterMs: expiresAfter }),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(
      'POLICY_FILE',
      `POLICY_FILE: ${path} can't be read. Create it (policy.example.yml shows how) or unset the variable.`,
      { cause: error },
    );
  }
}

function invalid(path: string, line: number, what: string): ConfigError {
  return new ConfigError('POLICY_FILE', `POLICY_FILE: ${path}, line ${line}: ${what}`);
}
