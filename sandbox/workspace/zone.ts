/** Time zone in the format of `users.info`: its English label and its UTC offset in seconds, both at the moment `at`. */
export function zoneOf(tz: string, at = new Date()): { tz_label: string; tz_offset: number } {
  const part = (timeZoneName: 'long' | 'longOffset') =>
    new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName })
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  // The name is `GMT`, `GMT+05:30` or `GMT-03:00`.
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d+):(\d+)/.exec(part('longOffset')) ?? [];
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return { tz_label: part('long'), tz_offset: sign === '-' ? -seconds : seconds };
}
