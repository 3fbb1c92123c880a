/** Someone in Slack. */
export interface Person {
  /** User id (U… or W…). Slack gives an id to one person only, in whatever team they are met. */
  user: string;
  /** Team id (T…), or the organization's (E…) where Slack names that one in its place. */
  team: string;
  /** The organization's id on Enterprise Grid. */
  enterprise?: string;
}

/** True if two are the same person, to count or to exclude them: on Enterprise Grid one person is met under several team ids. */
export function samePerson(one: Person, other: Person): boolean {
  return one.user === other.user;
}
