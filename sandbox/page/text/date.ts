/** Formats Slack's date tokens in the reader's time zone. Source: Slack's "Formatting message text", date formatting. */
export function formatDate(seconds: number, format: string, now = new Date()): string {
  const date = new Date(seconds * 1000);
  const show = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en', options).format(date);
  const pretty = (plain: string) => nearDay(date, now) ?? plain;
  const short = show({ month: 'short', day: 'numeric', year: 'numeric' });
  const usual = `${show({ month: 'long' })} ${ordinal(date.getDate())}, ${date.getFullYear()}`;
  const long = `${show({ weekday: 'long' })}, ${usual}`;
  const tokens: Record<string, string> = {
    date_num: date.toISOString().slice(0, 10),
    date: usual,
    date_short: short,
    date_long: long,
    date_pretty: pretty(usual),
    date_short_pretty: pretty(short),
    date_long_pretty: pretty(long),
    time: show({ hour: 'numeric', minute: '2-digit' }),
    time_secs: show({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  };
  return format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => tokens[name] ?? whole);
}

/** A day of the month as Slack writes it: `23rd`. */
function ordinal(day: number): string {
  const endings: Record<string, string> = { one: 'st', two: 'nd', few: 'rd' };
  return `${day}${endings[new Intl.PluralRules('en', { type: 'ordinal' }).select(day)] ?? 'th'}`;
}

function nearDay(date: Date, now: Date): string | undefined {
  const day = (value: Date) => new Date(value.getFullYear(), value.getMonth(), value.getDate()).getTime();
  const days = Math.round((day(date) - day(now)) / 86_400_000);
  return { 0: 'today', 1: 'tomorrow', [-1]: 'yesterday' }[days];
}

/** Time of a message's `ts`: `3:07 PM`. */
export function clockOf(ts: string): string {
  return new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' }).format(Number(ts) * 1000);
}

/** Day of a `ts`, for a heading between messages. */
export function dayOf(ts: string, now = new Date()): string {
  const date = new Date(Number(ts) * 1000);
  const near = nearDay(date, now);
  if (near) return near.charAt(0).toUpperCase() + near.slice(1);
  return new Intl.DateTimeFormat('en', { weekday: 'long', month: 'long', day: 'numeric' }).format(date);
}
