/** Goals to click on in the welcome. */
export const GOALS = [
  'Draft the release notes for version 2.4',
  'Compare three ways to back up our Postgres database',
  'Plan the post-mortem of last night’s checkout outage',
];
