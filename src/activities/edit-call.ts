import { isDeepStrictEqual } from 'node:util';
import { ruleFor } from '../run/execution/rules.js';
import { digestOfCall, policyNow, withRuleNow } from './call-llm.js';
import type { FindPolicy, Toolbox } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

/**
 * Makes the call that results from an edit of its arguments. The model's sentence is dropped, because it is about the arguments before. The rules for
 * tools are applied anew.
 */
export function createEditCall(
  toolbox: Pick<Toolbox, 'findInputProblem'>,
  policyFor: FindPolicy,
): Activities['editCall'] {
  return ({ call: { sentence: _, ruleNow: __, digest: ___, ...call }, input, edited, channel, rules }) =>
    runActivity(async () => {
      if (isDeepStrictEqual(input, call.input)) return { problem: 'it changes nothing' };
      const { rules: now = rules, ...file } = policyNow(policyFor, channel);
      const known = { ...call, input, edited };
      const after = withRuleNow({ ...known, digest: digestOfCall(known) }, rules, now);
      if ([rules, now].some((list) => ruleFor(list, after) === 'deny'))
        return { problem: 'the policy denies this action with these values' };
      const problem = await toolbox.findInputProblem(call.name, input);
      return problem === undefined ? { call: after, ...file } : { problem };
    });
}
