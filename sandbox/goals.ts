/** Goals that the welcome suggests. */
export const GOALS = [
  'Tidy up our to-do list and add the launch tasks',
  'Ask me which launch date to take, then draft the announcement',
  'Draft the release notes for version 2.4',
  'Compare three ways to back up our Postgres database',
  'Plan the post-mortem of last night’s checkout outage',
];
