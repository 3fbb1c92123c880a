import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AgentCommand, parseCommand } from '../../src/slack/listeners/commands/parse.js';
import { runIdOf } from '../../src/temporal/ids.js';

describe('what follows /agent', () => {
  const said: [string, AgentCommand][] = [
    ['', { kind: 'help' }],
    ['   ', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['HELP', { kind: 'help' }],
    ['list', { kind: 'list' }],
    ['status abcd2345', { kind: 'status', runId: 'abcd2345' }],
    ['status `abcd2345`', { kind: 'status', runId: 'abcd2345' }],
    ['status', { kind: 'status', runId: '' }],
    ['cancel abcd2345', { kind: 'cancel', runId: 'abcd2345' }],
    ['lst', { kind: 'help', unknown: 'lst' }],
    ['--version', { kind: 'help', unknown: '--version' }],
    ['draft the release notes', { kind: 'goal', goal: 'draft the release notes' }],
    ['list every open incident by owner', { kind: 'goal', goal: 'list every open incident by owner' }],
    ['status of the migration project', { kind: 'goal', goal: 'status of the migration project' }],
    ['"help"', { kind: 'goal', goal: 'help' }],
    ['“status report”', { kind: 'goal', goal: 'status report' }],
    ['line one\nline two', { kind: 'goal', goal: 'line one\nline two' }],
    ['请起草发布说明', { kind: 'goal', goal: '请起草发布说明' }],
  ];
  for (const [text, command] of said) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseCommand(text), command));
  }
});

describe('a run’s short id', () => {
  const command = {
    team: 'T1',
    channel: 'C1',
    user: 'U1',
    triggerId: '1.2.3',
    responseUrl: 'https://x/1',
    text: 'go',
  };

  it('is the same for every delivery of one command', () => {
    assert.equal(runIdOf(command), runIdOf({ ...command }));
    assert.match(runIdOf(command), /^[a-z2-9]{8}$/);
  });

  it('differs for the same words typed again', () => {
    assert.notEqual(runIdOf(command), runIdOf({ ...command, triggerId: '1.2.4' }));
  });
});
