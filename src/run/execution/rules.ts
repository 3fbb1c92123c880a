import { type ApprovalPolicy, policyOfCall, type Rule, type ToolRule } from '../../approval/policy.js';
import { meetsConditions } from './conditions.js';
import { SERVER_TOOLS } from './conversation.js';
import { matches, type ToolCall, type ToolSpec } from './tools.js';

type Named = Pick<ToolSpec, 'name' | 'aliases'>;

/** Letters that look alike in many fonts, read in each way. */
const READINGS: readonly (readonly [RegExp, string])[] = [
  [/[I1|]/g, 'l'],
  [/[l1|]/g, 'i'],
];

/** Finds the first rule that matches a call. */
export function findRule(
  rules: readonly ToolRule[],
  call: Named & Partial<Pick<ToolCall, 'input'>>,
): ToolRule | undefined {
  return rules.find((rule) => matchesTool(rule, call) && meetsConditions(rule, call.input ?? {}));
}

/** Verdict on a call. Without a matching rule, a call that only reads is allowed, and any other needs approval. */
export function ruleFor(
  rules: readonly ToolRule[],
  call: Named & Pick<ToolCall, 'readOnly'> & Partial<Pick<ToolCall, 'input'>>,
): Rule {
  return findRule(rules, call)?.rule ?? (call.readOnly ? 'allow' : 'ask');
}

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/** True if a rule is stricter than another. */
export function isStricter(rule: Rule, than: Rule): boolean {
  return STRICTNESS[rule] > STRICTNESS[than];
}

/** Finds the rule that applies to a call: the run's, or the policy file's of now where that is no laxer. */
export function appliedRule(rules: readonly ToolRule[], call: ToolCall): ToolRule | undefined {
  const { ruleNow } = call;
  return ruleNow && !isStricter(ruleFor(rules, call), ruleNow.rule) ? ruleNow : findRule(rules, call);
}

/** Policy of a request about a call. Under two rules, the higher number of approvals holds. */
export function policyOfAsked(
  policy: ApprovalPolicy,
  rules: readonly ToolRule[],
  call: ToolCall,
): ApprovalPolicy {
  const started = policyOfCall(policy, findRule(rules, call));
  if (!call.ruleNow) return started;
  const now = policyOfCall(policy, call.ruleNow);
  return { ...now, approvals: Math.max(started.approvals, now.approvals) };
}

/** True if a call of the tool may be made with some arguments. */
export function isUsable(rules: readonly ToolRule[], tool: Named): boolean {
  const matching = rules.filter((rule) => matchesTool(rule, tool));
  const final = matching.findIndex(({ where }) => where === undefined);
  const applying = final < 0 ? matching : matching.slice(0, final + 1);
  return final < 0 || applying.some(({ rule }) => rule !== 'deny');
}

/** True if a rule is about the tool. `ask` and `deny` match by any spelling of its name, `allow` only by all of them. */
export function matchesTool({ match, rule }: Pick<ToolRule, 'match' | 'rule'>, tool: Named): boolean {
  const names = [tool.name, ...(tool.aliases ?? [])];
  const glob = match.toLowerCase();
  if (rule === 'allow') return names.every((name) => matches(glob, name.toLowerCase()));
  return names.flatMap(readingsOf).some((name) => matches(glob, name.toLowerCase()));
}

/** A name as it can be read in fonts in which letters look alike. */
export function readingsOf(name: string): string[] {
  const read = READINGS.map(([letters, letter]) =>
    name.replaceAll(letters, letter).replaceAll('0', 'o').replaceAll('rn', 'm'),
  );
  return [...new Set([name, ...read])];
}

/**
 * Coverage of an approval of all calls like one: the tool, as far as the same rule asks about it. `approvals`: number that a call needs. Under two rules
 * it isn't that of the applied one alone.
 */
export function coverageOf(
  rule: ToolRule | undefined,
  { name, definition }: Pick<ToolCall, 'name' | 'definition'>,
  approvals: number,
): string {
  return JSON.stringify([name, rule ?? null, approvals, ...(definition === undefined ? [] : [definition])]);
}

/**
 * Finds rules that can't do what they seem to: no tool has their name, or none takes the arguments of their conditions. One sentence each.
 * `away`: servers whose tools are not known now.
 */
export function findRuleProblems(
  rules: readonly ToolRule[],
  tools: readonly ToolSpec[],
  away: readonly string[],
): string[] {
  const limit = away.length > 0 ? ` The tools of ${away.join(', ')} are not known now.` : '';
  const known = [...tools, ...SERVER_TOOLS.map((name) => ({ name, inputSchema: {} }))];
  return rules.flatMap((rule) => {
    const matching = known.filter((tool) => matchesTool(rule, tool));
    if (matching.length === 0) return [`No tool matches the rule "${rule.match}".${limit}`];
    const missing = Object.keys(rule.where ?? {}).filter(
      (path) => !matching.some((tool) => takesArgument(tool, path)),
    );
    return missing.map((path) => `No tool that the rule "${rule.match}" matches has an argument "${path}".`);
  });
}

function takesArgument({ inputSchema: { properties } }: Pick<ToolSpec, 'inputSchema'>, path: string) {
  if (typeof properties !== 'object' || properties === null) return true;
  return Object.keys(properties).some((name) => path === name || path.startsWith(`${name}.`));
}
