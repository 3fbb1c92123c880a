import type { Person } from '../../approval/person.js';

/** Fields in which Slack names a person: in an action or submitted modal, a command, and an event. */
type Payload =
  | {
      user: { id: string; team_id?: string };
      team?: { id: string; enterprise_id?: string } | null;
      enterprise?: { id: string };
    }
  | { user_id: string; team_id?: string; enterprise_id?: string }
  | { event: { user: string; user_team?: string; team?: string }; team_id?: string; enterprise_id?: string };

/**
 * Reads the acting person. Without a team of their own they count as a member of the receiving team, or else of `homeTeam`. The payload's
 * organization is the receiving team's, so a person of another team (Slack Connect) gets none.
 */
export function readPerson(payload: Payload, homeTeam: string): Person {
  const isInteraction = 'user' in payload;
  const receiver = isInteraction ? payload.team?.id : payload.team_id || undefined;
  const enterprise = isInteraction
    ? (payload.enterprise?.id ?? payload.team?.enterprise_id)
    : payload.enterprise_id;
  const { user, ownTeam } = readUser(payload);
  const team = ownTeam ?? receiver ?? homeTeam;
  const isOfReceiver = team === (receiver ?? homeTeam) || team === enterprise;
  return { team, user, ...(enterprise && isOfReceiver && { enterprise }) };
}

function readUser(payload: Payload): { user: string; ownTeam: string | undefined } {
  if ('user_id' in payload) return { user: payload.user_id, ownTeam: undefined };
  if ('user' in payload) return { user: payload.user.id, ownTeam: payload.user.team_id };
  const { user, user_team, team } = payload.event;
  return { user, ownTeam: user_team ?? team };
}
