/** A person in Slack. */
export interface Person {
  /** User id (U… or W…). A user id is unique across teams. */
  user: string;
  /** Team id (T…), or the organization's id (E…) where Slack gives that instead. */
  team: string;
  /** Organization's id on Enterprise Grid. */
  enterprise?: string;
}

/** True if two records are the same person. On Enterprise Grid one person appears under several team ids, so only user ids are compared. */
export function samePerson(one: Person, other: Person): boolean {
  return one.user === other.user;
}
