import type { Evidence } from '../approval/judge.js';
import { lookUp } from './activities.js';
import type { LookUp } from './approval-gate.js';
import { quietly } from './background.js';

/** What Slack says of groups and of a person. Where it can't say, nobody counts as a member: the gate stays shut. */
export const askSlack: LookUp = async ({ groups, person, fresh }) => {
  let evidence: Evidence = {
    groups: Object.fromEntries(groups.map((group) => [group, null])),
    ...(person && { person: 'unsure' }),
  };
  await quietly(async () => {
    evidence = await lookUp({ groups, fresh, ...(person && { person }) });
  });
  return evidence;
};
