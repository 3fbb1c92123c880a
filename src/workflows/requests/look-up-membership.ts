import type { Person } from '../../approval/person.js';
import type { Membership } from '../../approval/policy.js';
import { lookUpMembership } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';

/** Asks Slack about groups and a person. Where Slack can't say, nobody counts as a member. */
export async function lookUp(question: {
  groups: string[];
  person?: Person;
  fresh: boolean;
}): Promise<Membership> {
  let membership: Membership = {
    groups: Object.fromEntries(question.groups.map((group) => [group, null])),
    ...(question.person && { person: 'unsure' }),
  };
  await bestEffort(async () => {
    membership = await lookUpMembership(question);
  });
  return membership;
}
