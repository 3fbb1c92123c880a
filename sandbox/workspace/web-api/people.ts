import { workspaceOfCall } from '../grid.js';
import { type Api, ApiError, type Args, channelOf, knownPerson, type Method, page } from './request.js';
import { apiUser } from './shapes.js';

export const people: Record<string, Method> = {
  'users.info': (api, args) => {
    api.need('users:read');
    const person = knownPerson(api, args.need('user', 'user_not_found'));
    return { user: apiUser(api.state, person) };
  },

  'users.list': (api, args) => {
    api.need('users:read');
    workspaceOfCall(api, args);
    const { items, next } = page(api.state.data.people, args, 200);
    return {
      members: items.map((person) => apiUser(api.state, person)),
      response_metadata: { next_cursor: next },
    };
  },

  'usergroups.list': (api, args) => {
    api.need('usergroups:read');
    workspaceOfCall(api, args);
    const usergroups = api.state.data.userGroups.map(({ id, handle, name, users }) => ({
      id,
      team_id: api.state.data.team.id,
      handle,
      name,
      is_usergroup: true,
      user_count: users.length,
      ...(args.flag('include_users') && { users }),
    }));
    return { usergroups };
  },

  'usergroups.users.list': (api, args) => {
    api.need('usergroups:read');
    // The groups are of the first workspace.
    const isTheirs = workspaceOfCall(api, args) === api.state.data.team.id;
    const group = isTheirs && api.state.data.userGroups.find(({ id }) => id === args.need('usergroup'));
    if (!group) throw new ApiError('no_such_subteam');
    return { users: group.users };
  },

  'auth.teams.list': (api) => {
    const { grid } = api.state.data;
    if (!grid?.isOrgWide) throw new ApiError('not_allowed_token_type');
    return { teams: grid.workspaces, response_metadata: { next_cursor: '' } };
  },

  'team.info': (api) => {
    api.need('team:read');
    const { id, name, domain } = api.state.data.team;
    return { team: { id, name, domain, url: api.url } };
  },

  'bots.info': (api, args) => {
    api.need('users:read');
    workspaceOfCall(api, args);
    const { app } = api.state.data;
    if ((args.string('bot') ?? app.botId) !== app.botId) throw new ApiError('bot_not_found');
    return { bot: { id: app.botId, app_id: app.id, user_id: app.botUser, name: app.name, deleted: false } };
  },

  'reactions.add': (api, args) => {
    api.need('reactions:write');
    const name = args.need('name', 'no_reaction').replaceAll(':', '');
    return react(api, args, name);
  },
};

function react(api: Api, args: Args, name: string) {
  const channel = channelOf(api, args.need('channel', 'channel_not_found'));
  const message = api.state.message(channel.id, args.need('timestamp', 'message_not_found'));
  if (!message) throw new ApiError('message_not_found');
  const user = api.state.data.app.botUser;
  const reaction = message.reactions.find((other) => other.name === name);
  if (reaction?.users.includes(user)) throw new ApiError('already_reacted');
  if (reaction) reaction.users.push(user);
  else message.reactions.push({ name, users: [user] });
  api.state.messageChanged(message);
  return {};
}
