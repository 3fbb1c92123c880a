/** Title over the prompts. */
export const PROMPTS_TITLE = 'Give me a goal, or try one of these';

/** Prompts at the top of the app's direct message. A click sends the message. At most four; `manifest.yml` has the same. */
export const SUGGESTED_PROMPTS = [
  { title: 'What can you do?', message: 'help' },
  { title: 'Where do my runs stand?', message: 'list' },
  {
    title: 'Research something',
    message: 'Find out what changed in the newest version of Node.js, and list what we should do about it',
  },
  { title: 'What is scheduled?', message: 'schedules' },
];
