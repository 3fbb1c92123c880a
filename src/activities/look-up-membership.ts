import type { Directory } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

/** Asks Slack about the people behind a click. One group that can't be read leaves the others readable. */
export function createLookUpMembership(directory: Directory): Activities['lookUpMembership'] {
  return ({ groups, person, fresh }) =>
    runActivity(async () => {
      const members = await Promise.all(groups.map((group) => directory.members(group, { fresh })));
      const teams = person && (await directory.teamsOf(person));
      return {
        groups: Object.fromEntries(groups.map((group, index) => [group, members[index] ?? null])),
        ...(teams && { person: teams === 'unknown' ? teams : { teams } }),
      };
    });
}
