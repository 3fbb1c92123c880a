import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Person } from '../../src/approval/person.js';
import { readPerson } from '../../src/slack/listeners/person.js';

describe('the person who acted', () => {
  const cases: [string, Parameters<typeof readPerson>[0], Person][] = [
    [
      'clicked in their own workspace',
      { user: { id: 'U1', team_id: 'T1' }, team: { id: 'T1' } },
      { user: 'U1', team: 'T1' },
    ],
    [
      'clicked on Enterprise Grid, where Slack names the organization in the team’s place',
      { user: { id: 'U1', team_id: 'E1' }, team: { id: 'T1', enterprise_id: 'E1' } },
      { user: 'U1', team: 'E1', enterprise: 'E1' },
    ],
    [
      'clicked on Enterprise Grid',
      { user: { id: 'U1', team_id: 'T1' }, team: { id: 'T1' }, enterprise: { id: 'E1' } },
      { user: 'U1', team: 'T1', enterprise: 'E1' },
    ],
    [
      'clicked as a guest of Slack Connect: our organization isn’t theirs',
      { user: { id: 'U1', team_id: 'T9' }, team: { id: 'T1' }, enterprise: { id: 'E1' } },
      { user: 'U1', team: 'T9' },
    ],
    [
      'clicked where Slack names no team of theirs',
      { user: { id: 'U1' }, team: { id: 'T2' } },
      { user: 'U1', team: 'T2' },
    ],
    [
      'clicked where Slack names no team at all',
      { user: { id: 'U1' }, team: null },
      { user: 'U1', team: 'T1' },
    ],
    [
      'gave a command',
      { user_id: 'U1', team_id: 'T1', enterprise_id: 'E1' },
      { user: 'U1', team: 'T1', enterprise: 'E1' },
    ],
    [
      'acted in an event',
      { event: { user: 'U1', team: 'T1' }, team_id: 'T1', enterprise_id: 'E1' },
      { user: 'U1', team: 'T1', enterprise: 'E1' },
    ],
    [
      'acted in an event, as one of another team',
      { event: { user: 'U1', team: 'T1', user_team: 'T9' }, team_id: 'T1', enterprise_id: 'E1' },
      { user: 'U1', team: 'T9' },
    ],
  ];
  for (const [how, payload, person] of cases) {
    it(`is known when they ${how}`, () => assert.deepEqual(readPerson(payload, 'T1'), person));
  }
});
