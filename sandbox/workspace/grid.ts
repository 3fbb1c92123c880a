import type { Person } from './protocol.js';
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

/** Workspace in which a person works, as commands and events name it. */
export function workspaceOf(state: WorkspaceState, person: Person | undefined): string {
  return person?.external?.team ?? person?.workspaces?.[0] ?? state.data.team.id;
}

/**
 * Team that a click names: a member's organization, where there is one. Source: bolt-js#1875; its `team` is null for an app that is installed
 * for the organization (Bolt's `buildSource`).
 */
export function clickTeams(state: WorkspaceState, person: Person): Fields {
  const { team, grid } = state.data;
  const own = person.external?.team ?? grid?.id ?? team.id;
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: own },
    team: grid?.isOrgWide
      ? null
      : {
          id: team.id,
          domain: team.domain,
          ...(grid && { enterprise_id: grid.id, enterprise_name: grid.name }),
        },
    enterprise: grid ? { id: grid.id, name: grid.name } : null,
    is_enterprise_install: grid?.isOrgWide ?? false,
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
  const enterprise_user = { id: person.id, enterprise_id: grid.id, enterprise_name: grid.name, teams };
  return { ...flags, enterprise_user };
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
