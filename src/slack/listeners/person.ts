import type { Person } from '../../approval/person.js';

/** Who clicked. In Slack Connect the person's own team may differ from the channel's; what names no team comes from `homeTeam`. */
export function personOf(
  body: { user: { id: string; team_id?: string }; team?: { id: string } | null },
  homeTeam: string,
): Person {
  return { team: body.user.team_id ?? body.team?.id ?? homeTeam, user: body.user.id };
}
