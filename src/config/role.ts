/** Parts of the service that a process runs: `bot` talks to Slack, `worker` works for Temporal, `all` does both. */
export const ROLES = ['all', 'bot', 'worker'] as const;

export type Role = (typeof ROLES)[number];

export function hasBot(role: Role): boolean {
  return role !== 'worker';
}

export function hasWorker(role: Role): boolean {
  return role !== 'bot';
}
