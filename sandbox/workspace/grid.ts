import type { Channel, Person } from './protocol.js';
import type { WorkspaceState } from './state.js';
import type { Fields } from './validation/problems.js';
import { type Api, ApiError, type Args } from './web-api/request.js';

/** An organization of Enterprise Grid, with the workspaces that the app is added to. */
export interface Grid {
  id: string;
  name: string;
  /** True if the app is installed for the whole organization: one token for all workspaces. */
  isOrgWide: boolean;
  workspaces: { id: string; name: string }[];
}

export interface GridOptions {
  /** @default false */
  isOrgWide?: boolean;
}

const SECOND_WORKSPACE = 'T02BRANCH';

export function newGrid(workspace: Grid['workspaces'][number], { isOrgWide = false }: GridOptions): Grid {
  const workspaces = [workspace, { id: SECOND_WORKSPACE, name: 'Branch office' }];
  return { id: 'E01LOCAL', name: 'Local organization', isOrgWide, workspaces };
}

/** People whom a workspace in an organization has beside the others. */
export const GRID_PEOPLE = {
  /** A guest of one channel. */
  gil: 'U05GIL',
  /** Of another organization, in a shared channel (Slack Connect). */
  eve: 'U06EVE',
  /** Of another organization, without a channel that the app is in. */
  sam: 'U07SAM',
  /** Deactivated. */
  old: 'U08OLD',
  /** Of the organization's second workspace alone. */
  mia: 'W09MIA',
} as const;

/** Traits of these people that differ from those of the others. */
export const GRID_TRAITS: Record<keyof typeof GRID_PEOPLE, Partial<Person>> = {
  gil: { isGuest: true },
  eve: { external: { team: 'T09OTHER', enterprise: 'E09OTHER' } },
  sam: { external: { team: 'T09OTHER', enterprise: 'E09OTHER' } },
  old: { isDeactivated: true },
  mia: { workspaces: [SECOND_WORKSPACE] },
};

/** Workspace in which a person works, as commands name it. */
export function workspaceOf(state: WorkspaceState, person: Person | undefined): string {
  return person?.external?.team ?? person?.workspaces?.[0] ?? state.data.team.id;
}

/** Organization of a person, or null. */
function organizationOf(state: WorkspaceState, person: Person | undefined): string | null {
  return (person?.external ? person.external.enterprise : state.data.grid?.id) ?? null;
}

/** Fields of a command that name its workspace and organization. */
export function commandTeams(state: WorkspaceState, person: Person): Fields {
  const { team, grid } = state.data;
  const id = workspaceOf(state, person);
  const organization = organizationOf(state, person);
  return {
    team_id: id,
    team_domain: id === team.id ? team.domain : id.toLowerCase(),
    ...(organization && { enterprise_id: organization, enterprise_name: nameOf(state, organization) }),
    is_enterprise_install: String(grid?.isOrgWide ?? false),
  };
}

/**
 * Teams that a click or a form names. A click names a member's organization as their team (bolt-js#1875), a form the workspace (the payloads in
 * bolt-python's test_view_submission.py). Both name the side of a person of another organization. `team` is null for an app that is installed for
 * the organization (Bolt's `buildSource`).
 */
export function interactionTeams(state: WorkspaceState, person: Person, type: string): Fields {
  const { team, grid } = state.data;
  const workspace = workspaceOf(state, person);
  const organization = organizationOf(state, person);
  const own = type === 'block_actions' && !person.external ? (organization ?? workspace) : workspace;
  const enterprise = organization && { id: organization, name: nameOf(state, organization) };
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: own },
    team:
      grid?.isOrgWide && !person.external
        ? null
        : {
            id: person.external ? workspace : team.id,
            domain: person.external ? workspace.toLowerCase() : team.domain,
            ...(enterprise && { enterprise_id: enterprise.id, enterprise_name: enterprise.name }),
          },
    enterprise: enterprise || null,
    is_enterprise_install: grid?.isOrgWide ?? false,
  };
}

function nameOf({ data: { grid } }: WorkspaceState, organization: string): string {
  return organization === grid?.id ? grid.name : 'Another organization';
}

/**
 * Teams in a message, and in a mention of the app. Where its author is of another workspace or organization, `user_team` says so: with the
 * organization, if there is one. Source: the payloads in bolt-python's request/test_internals.py; slack-go#695.
 */
export function messageTeams(state: WorkspaceState, person: Person | undefined): Fields {
  const { id } = state.data.team;
  const workspace = workspaceOf(state, person);
  if (!person || workspace === id) return { team: id };
  const own = person.external?.enterprise ?? workspace;
  const user_profile = {
    name: person.name,
    real_name: person.realName,
    display_name: person.name,
    team: own,
  };
  return { team: id, user_team: own, source_team: own, user_profile };
}

/**
 * Teams in the envelope of an event. That of a message names its author's side, that of a mention the app's side; `context_…` and
 * `authorizations` name the app's. Source: as above.
 */
export function eventTeams(state: WorkspaceState, { type, user, channel }: Fields): Fields {
  const { team, grid, app } = state.data;
  const person = state.person(String(user));
  const isOfOthers = type === 'message' && person?.external !== undefined;
  const isInWorkspace = type === 'app_home_opened';
  const enterprise = isOfOthers || isInWorkspace ? organizationOf(state, person) : grid?.id;
  return {
    team_id: isOfOthers || isInWorkspace ? workspaceOf(state, person) : team.id,
    ...(enterprise && { enterprise_id: enterprise }),
    context_team_id: team.id,
    context_enterprise_id: grid?.id ?? null,
    authorizations: [
      {
        enterprise_id: grid?.id ?? null,
        team_id: grid?.isOrgWide ? null : team.id,
        user_id: app.botUser,
        is_bot: true,
        is_enterprise_install: grid?.isOrgWide ?? false,
      },
    ],
    is_ext_shared_channel: isExternallyShared(state, String(channel)),
  };
}

/** True for a channel with people of another organization (Slack Connect). */
function isExternallyShared(state: WorkspaceState, channel: string): boolean {
  const { members = [] } = state.channel(channel) ?? {};
  return members.some((member) => state.person(member)?.external !== undefined);
}

/** Fields of a channel in `conversations.info` that say with whom it is shared. Source: Slack's "Conversation object". */
export function channelTeams(state: WorkspaceState, { id, members }: Channel): Fields {
  const { team } = state.data;
  const isExternal = isExternallyShared(state, id);
  const teams = new Set(members.map((member) => workspaceOf(state, state.person(member))));
  return {
    is_shared: teams.size > 1,
    is_org_shared: teams.size > 1 && !isExternal,
    is_ext_shared: isExternal,
    is_pending_ext_shared: false,
    shared_team_ids: [...new Set([team.id, ...teams])],
    context_team_id: team.id,
  };
}

/** Fields of a person in `users.info`. Source: Slack's "User object"; lookerbot#184, where `team_id` is missing. */
export function userTeams(state: WorkspaceState, person: Person): Fields {
  const { team, grid } = state.data;
  const { external, isGuest = false, isDeactivated = false } = person;
  const flags = { deleted: isDeactivated, is_restricted: isGuest, is_ultra_restricted: isGuest };
  if (external) {
    const { team: team_id, enterprise } = external;
    const isStranger = !state.data.channels.some(
      ({ members }) => members.includes(person.id) && members.includes(state.data.app.botUser),
    );
    return { ...flags, team_id, ...(enterprise && { enterprise_id: enterprise }), is_stranger: isStranger };
  }
  if (!grid) return { ...flags, team_id: team.id };
  const teams = person.workspaces ?? [team.id];
  const roles = { is_admin: false, is_owner: false, is_primary_owner: false };
  const ids = { id: person.id, enterprise_id: grid.id, enterprise_name: grid.name };
  return { ...flags, enterprise_user: { ...ids, ...roles, teams } };
}

/** An organization's token must name a workspace in some methods. @throws ApiError without one, or with an unknown one. */
export function workspaceOfCall({ state }: Pick<Api, 'state'>, args: Args): string {
  const { grid, team } = state.data;
  if (!grid?.isOrgWide) return team.id;
  const id = args.string('team_id');
  const messages = ['[ERROR] missing required field: team_id'];
  if (id === undefined) throw new ApiError('missing_argument', { response_metadata: { messages } });
  if (!grid.workspaces.some((workspace) => workspace.id === id)) throw new ApiError('team_not_found');
  return id;
}
