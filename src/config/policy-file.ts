import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { LONGEST_MS, parseDuration, SHORTEST_MS } from '../approval/duration.js';
import {
  type ApprovalPolicy,
  DEFAULT_POLICY,
  impossible,
  type PolicyBook,
  policyFor,
  policyOfCall,
  type ToolRule,
} from '../approval/policy.js';
import { ConfigError } from '../platform/errors.js';
import { readText } from '../platform/read-text.js';
import { problemOfCondition } from '../run/execution/conditions.js';

const approver = z
  .string()
  .regex(
    /^((T[A-Z0-9_]+\/)?[UW][A-Z0-9_]+|S[A-Z0-9_]+|requester|members|anyone)$/,
    'must be a user id (U…, or T…/U… for another team), a user group id (S…), or one of the words requester, members, anyone',
  );

const requester = z
  .string()
  .regex(
    /^((T[A-Z0-9_]+\/)?[UW][A-Z0-9_]+|S[A-Z0-9_]+|members|anyone)$/,
    'must be a user id (U…, or T…/U… for another team), a user group id (S…), or one of the words members, anyone',
  );

const limit = z
  .strictObject({ atOnce: z.int().min(1), perDay: z.int().min(1) })
  .partial()
  .transform(omitUnset);

const duration = z
  .string()
  .transform(parseDuration)
  .pipe(z.number('must be a duration such as "3 days" or "90 minutes"'))
  .refine((ms) => ms >= SHORTEST_MS && ms <= LONGEST_MS, 'must be at least 1 second and at most 90 days');

/** A channel's id. C: channel, G: older private channel, D: direct message. */
const CHANNEL_ID = /^[CGD][A-Z0-9_]+$/;
const NO_CHANNEL_ID = 'is no channel id (C…: open its details in Slack, it is at the bottom)';

/** Limits for an execution. Dollars are a number, or a text such as "$5". */
const budget = z
  .strictObject({
    turns: z.int().min(1),
    toolCalls: z.int().min(0),
    tokens: z.int().min(1),
    cost: z.preprocess(
      (given) => (typeof given === 'string' ? Number(given.replace(/^\$\s*/, '')) : given),
      z.number('must be dollars, such as 5 or "$5"').positive('must be more than nothing'),
    ),
    time: duration,
  })
  .partial()
  .transform(({ cost: costUsd, time: timeMs, ...rest }) => omitUnset({ ...rest, costUsd, timeMs }));

const condition = z
  .union(
    [z.string().min(1), z.number(), z.boolean()],
    'must be a number, a text, true or false, or a list of these',
  )
  .superRefine((given, { addIssue }) => {
    const problem = problemOfCondition(given);
    if (problem !== undefined) addIssue({ code: 'custom', message: problem });
  });

const toolRule = z
  .strictObject({
    match: z
      .string()
      .regex(
        /^\S+$/,
        "must be a tool's name, server__tool, in which * stands for anything; it has no spaces",
      ),
    where: z
      .record(
        z.string().min(1, 'must be the name of an argument'),
        z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(condition).min(1)),
      )
      .exactOptional(),
    rule: z.enum(['allow', 'ask', 'deny'], 'must be allow, ask or deny'),
    channels: z.array(z.string().regex(CHANNEL_ID, NO_CHANNEL_ID)).min(1).exactOptional(),
    approvers: z.array(approver).min(1, 'must name somebody').exactOptional(),
    approvals: z.int().min(1).exactOptional(),
  })
  .superRefine(({ rule, approvers, approvals }, { addIssue }) => {
    const unused = approvers ? 'approvers' : approvals && 'approvals';
    const message = `has no effect on rule: ${rule}; nobody is asked`;
    if (rule !== 'ask' && unused) addIssue({ code: 'custom', path: [unused], message });
  });

const rules = z
  .strictObject({
    approvers: z.array(approver).min(1, 'must name somebody'),
    approvals: z.int().min(1),
    requesterMayApprove: z.boolean(),
    expiresAfter: duration,
    remindAfter: z.preprocess(
      (given) => (typeof given === 'string' ? [given] : given),
      z.array(duration).max(10, 'has at most 10 reminders'),
    ),
    escalate: z
      .strictObject({ after: duration, to: z.array(approver).min(1, 'must name somebody') })
      .transform(({ after: afterMs, to }) => ({ afterMs, to })),
    notify: z.boolean(),
    budget,
  })
  .partial()
  .transform(({ expiresAfter: expiresAfterMs, remindAfter: remindAfterMs, ...rest }) =>
    omitUnset({ ...rest, expiresAfterMs, remindAfterMs }),
  );

function omitUnset<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Record<keyof T, never>
  >;
}

const file = z
  .strictObject({
    default: rules.optional(),
    channels: z.record(z.string(), rules).optional(),
    tools: z.array(toolRule).optional(),
    requesters: z.array(requester).min(1, 'must name somebody').optional(),
    limits: z.strictObject({ perPerson: limit, perChannel: limit }).partial().transform(omitUnset).optional(),
  })
  .transform(({ default: base, channels = {}, ...rest }): PolicyBook => {
    const channelsOnly = base === undefined && Object.keys(channels).length > 0;
    return {
      default: { ...DEFAULT_POLICY, ...base },
      channels,
      ...omitUnset(rest),
      ...(channelsOnly && { channelsOnly }),
    };
  })
  .superRefine((book, { addIssue }) => {
    const check = (path: string[], message: string | undefined) =>
      message !== undefined && addIssue({ code: 'custom', path, message });
    check(['default'], findProblem(book.default));
    for (const [id, own] of Object.entries(book.channels)) {
      if (!CHANNEL_ID.test(id)) check(['channels', id], NO_CHANNEL_ID);
      check(['channels', id], findProblem({ ...book.default, ...own }));
    }
    for (const [index, rule] of (book.tools ?? []).entries()) {
      check(['tools', String(index)], findRuleProblem(book, rule));
    }
  });

/**
 * Reads the approval policy. An unknown key or a channel's name is refused, because a rule without effect is worse than none. A rule that
 * nobody could meet, or that comes after the expiry, is refused too.
 *
 * @throws ConfigError that names the line.
 */
export function readPolicy(path: string): PolicyBook {
  const lines = new LineCounter();
  const document = parseDocument(readPolicyText(path), { lineCounter: lines });
  const invalid = (offset: number, problem: string) =>
    new ConfigError('POLICY_FILE', `POLICY_FILE: ${path}, line ${lines.linePos(offset).line}: ${problem}`);
  const [broken] = document.errors;
  const unquoted = findUnquoted(document);
  if (unquoted) throw invalid(unquoted.offset, unquoted.problem);
  if (broken) {
    const advice = broken.code === 'BAD_SCALAR_START' ? '. Put the text in quotes' : '';
    throw invalid(broken.pos[0], `${broken.message.split('\n')[0] ?? ''}${advice}`);
  }
  const parsed = file.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const place = [...(issue?.path ?? []), ...unknown];
  throw invalid(placeOf(document, place), `${place.join('.')}: ${issue?.message}`);
}

/** Finds a text that begins with a star and has no quotes, such as *delete*: in YAML that refers to another place of the file. */
function findUnquoted(document: Document): { offset: number; problem: string } | undefined {
  let found: { offset: number; problem: string } | undefined;
  visit(document, {
    Alias(_, node) {
      if (found || node.resolve(document)) return;
      const text = `*${node.source}`;
      const problem = `${text} needs quotes, because it begins with a star. Write "${text}"`;
      found = { offset: node.range?.[0] ?? 0, problem };
    },
  });
  return found;
}

/** Explains why a policy can't be met, or why a part of it can never apply. */
function findProblem(policy: ApprovalPolicy): string | undefined {
  const never = impossible(policy);
  if (never) return `nobody could approve: it ${never}. Name more approvers, or ask for fewer approvals`;
  const { expiresAfterMs, remindAfterMs = [], escalate } = policy;
  if (remindAfterMs.some((after) => after >= expiresAfterMs)) {
    return 'a reminder would come after the expiry; shorten remindAfter or lengthen expiresAfter';
  }
  if (escalate && escalate.afterMs >= expiresAfterMs) {
    return 'the escalation would come after the expiry; shorten escalate.after or lengthen expiresAfter';
  }
  return undefined;
}

/** Explains why nobody could approve a call that a rule asks about, in one of the channels where it applies. */
function findRuleProblem(book: PolicyBook, { channels, ...rule }: ToolRule): string | undefined {
  const policies = channels
    ? channels.map((channel) => policyFor(book, channel))
    : [
        ...(book.channelsOnly ? [] : [book.default]),
        ...Object.values(book.channels).map((own) => ({ ...book.default, ...own })),
      ];
  const never = policies.map((policy) => impossible(policyOfCall(policy, rule))).find(Boolean);
  return never && `nobody could approve: it ${never}. Name approvers in the rule, or ask for fewer approvals`;
}

/** Finds the place of a value in the file: the value's key, or else the value around it. */
function placeOf(document: Document, place: PropertyKey[]): number {
  const parent = document.getIn(place.slice(0, -1), true);
  const key = isMap(parent)
    ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === place.at(-1))?.key
    : document.getIn(place, true);
  if (isNode(key)) return key.range?.[0] ?? 0;
  return place.length > 1 ? placeOf(document, place.slice(0, -1)) : 0;
}

function readPolicyText(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new ConfigError(
      'POLICY_FILE',
      `POLICY_FILE: ${path} can't be read. Create it (policy.example.yml shows how) or unset the variable.`,
      { cause: error },
    );
  }
}
