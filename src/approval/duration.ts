const UNIT_MS: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** Shortest and longest duration in a policy, in milliseconds. The reconciler and App Home ignore runs older than 90 days. */
export const SHORTEST_MS = 1000;
export const LONGEST_MS = 90 * 86_400_000;

/** Milliseconds in `"3 days"`, `"90 minutes"`, `"1 hour"`, `"90d"`; undefined when the text is not such a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:(second|minute|hour|day|week)s?|[smhdw])\s*$/i.exec(text);
  if (!match) return undefined;
  const amount = Number(match[1]);
  const name = match[2] ?? Object.keys(UNIT_MS).find((unit) => unit[0] === text.trim().at(-1)?.toLowerCase());
  const unit = UNIT_MS[(name ?? '').toLowerCase()];
  return unit === undefined || amount <= 0 ? undefined : Math.round(amount * unit);
}
