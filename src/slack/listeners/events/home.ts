import type { Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Somebody opened App Home: it is drawn for them, and kept up to date from then on. */
export const home: Registration = (app, context) => {
  app.event('app_home_opened', async ({ event, body }) => {
    const { user, tab } = event;
    if (tab === 'home') await context.homeOpened(readPerson({ ...body, event: { user } }, context.home.team));
  });
};
