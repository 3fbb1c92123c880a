import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { ListenerContext } from '../context.js';

/** What can put cards out of people's reach, or back into it. */
export const CHANNEL_EVENTS = [
  'channel_archive',
  'channel_unarchive',
  'channel_deleted',
  'channel_left',
  'group_archive',
  'group_unarchive',
  'group_deleted',
  'group_left',
] as const;

type Args = SlackEventMiddlewareArgs<(typeof CHANNEL_EVENTS)[number]> & AllMiddlewareArgs;

/** A channel was archived or deleted, or the bot left it: the cards in it are looked after. */
export function channelChanged({ lookAfterCards }: ListenerContext) {
  return async ({ event }: Args): Promise<void> => {
    lookAfterCards(event.channel);
  };
}
