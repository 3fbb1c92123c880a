import type { Registration } from '../context.js';

/** Events that can put cards out of people's reach, or back into it. */
const CHANNEL_EVENTS = [
  'channel_archive',
  'channel_unarchive',
  'channel_deleted',
  'channel_left',
  'group_archive',
  'group_unarchive',
  'group_deleted',
  'group_left',
] as const;

export const channelChanges: Registration = (app, { channelChanged }) => {
  for (const name of CHANNEL_EVENTS) app.event(name, async ({ event }) => channelChanged(event.channel));
};
