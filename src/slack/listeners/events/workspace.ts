import type { Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Draws App Home for the person who opens it; from then on it is kept up to date. */
export const home: Registration = (app, context) => {
  app.event('app_home_opened', async ({ event: { user, tab }, body }) => {
    if (tab === 'home') await context.homeOpened(readPerson({ ...body, event: { user } }, context.home.team));
  });
};

/** Events after which cards may be out of reach, or reachable again. */
const CHANNEL_EVENTS = [
  ...(['channel_archive', 'channel_unarchive', 'channel_deleted', 'channel_left'] as const),
  ...(['group_archive', 'group_unarchive', 'group_deleted', 'group_left'] as const),
];

export const channelChanges: Registration = (app, { channelChanged }) => {
  for (const name of CHANNEL_EVENTS) app.event(name, async ({ event }) => channelChanged(event.channel));
};
