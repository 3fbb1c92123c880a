import type { Person } from '../../approval/person.js';

/** Fields by which an action or a submitted modal names a person. */
interface InteractionBody {
  user: { id: string; team_id?: string };
  team?: { id: string; enterprise_id?: string } | null;
  enterprise?: { id: string };
}

/** Fields by which a slash command names a person. */
interface CommandBody {
  user_id: string;
  team_id?: string;
  enterprise_id?: string;
}

/** Fields by which an event names a person. `user_team` is set on people of other teams, in Slack Connect. */
interface EventBody {
  team_id?: string;
  enterprise_id?: string;
  event: { user: string; user_team?: string; team?: string };
}

/**
 * The person who acted, by any of Slack's payloads. Where a payload names no team, the person is taken for one of `homeTeam`.
 *
 * A payload's organization is that of the team which received it, so people of other teams get none: Slack is asked for theirs.
 */
export function personIn(body: InteractionBody | CommandBody | EventBody, homeTeam: string): Person {
  if ('user_id' in body) return person(body.user_id, body.team_id || undefined, body, homeTeam);
  if ('event' in body) {
    const { user, user_team, team } = body.event;
    return person(user, user_team ?? team, body, homeTeam);
  }
  const enterprise_id = body.enterprise?.id ?? body.team?.enterprise_id;
  const receiver = { ...(body.team && { team_id: body.team.id }), ...(enterprise_id && { enterprise_id }) };
  return person(body.user.id, body.user.team_id, receiver, homeTeam);
}

function person(
  user: string,
  ownTeam: string | undefined,
  receiver: { team_id?: string; enterprise_id?: string },
  homeTeam: string,
): Person {
  const team = ownTeam ?? receiver.team_id ?? homeTeam;
  const enterprise = receiver.enterprise_id;
  const isOfReceiver = team === (receiver.team_id ?? homeTeam) || team === enterprise;
  return { team, user, ...(enterprise && isOfReceiver && { enterprise }) };
}
