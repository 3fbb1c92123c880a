import type { Directory } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

/** Asks Slack what the gate must know of a click. One group that can't be read leaves the others readable. */
export function createLookUp(directory: Directory): Activities['lookUp'] {
  return ({ groups, person, fresh }) =>
    runActivity(async () => {
      const members = await Promise.all(groups.map((group) => directory.members(group, { fresh })));
      const known = person && ((await directory.isPerson(person)) ? 'known' : 'unknown');
      return {
        groups: Object.fromEntries(groups.map((group, index) => [group, members[index] ?? null])),
        ...(known && { person: known }),
      };
    });
}
