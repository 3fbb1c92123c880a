/** Someone in Slack, keyed by team and user together: on Enterprise Grid and in Slack Connect a user id alone is not enough. */
export interface Person {
  /** Team id (T… or E…). */
  team: string;
  /** User id (U… or W…). */
  user: string;
}

export function samePerson(one: Person, other: Person): boolean {
  return one.user === other.user && one.team === other.team;
}
