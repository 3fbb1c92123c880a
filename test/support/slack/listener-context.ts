import { DEFAULT_POLICY } from '../../../src/approval/policy.js';
import { shortIdOf } from '../../../src/temporal/ids.js';

/** No tool is known. */
export const NO_TOOLS = { schemaOf: async () => undefined, findInputProblem: async () => undefined };

/** Parts of a listeners' context in which everybody may do everything, and no tool has a problem. */
export const PERMISSIVE = {
  policies: { default: DEFAULT_POLICY, channels: {} },
  policyFor: () => DEFAULT_POLICY,
  schedules: { list: async () => [] },
  directory: {
    members: async () => [],
    person: async () => ({ teams: [] }),
    isFullMember: async () => true,
    isInChannel: async () => true,
  },
  shortIdOf,
  tools: NO_TOOLS,
  toolProblems: () => [],
};
