import { tellApp } from './delivery/events.js';
import type { Channel } from './protocol.js';
import type { World } from './world.js';

type Where = Pick<World, 'state' | 'manifest' | 'transport' | 'closed' | 'eventRetries' | 'outbox'>;

/** Adds the bot to a channel. Returns false when it is already a member. */
export async function inviteBot(world: Where, channel: Channel, inviter?: string): Promise<boolean> {
  const { state } = world;
  const { botUser } = state.data.app;
  if (channel.members.includes(botUser)) return false;
  channel.members.push(botUser);
  state.channelChanged(channel);
  const type = 'member_joined_channel';
  const about = { user: botUser, channel: channel.id, team: state.data.team.id, event_ts: state.newTs() };
  await tellApp(world, type, { type, ...about, ...(inviter && { inviter }) });
  return true;
}

export async function removeBot(world: Where, channel: Channel): Promise<void> {
  const { state } = world;
  channel.members = channel.members.filter((member) => member !== state.data.app.botUser);
  state.channelChanged(channel);
  const type = channel.kind === 'public' ? 'channel_left' : 'group_left';
  await tellApp(world, type, { type, channel: channel.id, event_ts: state.newTs() });
}

export async function archive(
  world: Where,
  channel: Channel,
  isArchived: boolean,
  user: string,
): Promise<void> {
  const { state } = world;
  channel.isArchived = isArchived;
  state.channelChanged(channel);
  const type = `${channel.kind === 'public' ? 'channel' : 'group'}_${isArchived ? 'archive' : 'unarchive'}`;
  await tellApp(world, type, { type, channel: channel.id, user, event_ts: state.newTs() });
}
