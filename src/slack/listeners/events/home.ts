import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { ListenerContext } from '../context.js';

type Args = SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs;

/** Somebody looks at App Home: it is drawn for them, and kept up to date from then on. */
export function home({ homeOpened, homeTeam }: ListenerContext) {
  return async ({ event, body }: Args): Promise<void> => {
    if (event.tab === 'home') await homeOpened({ team: body.team_id ?? homeTeam, user: event.user });
  };
}
