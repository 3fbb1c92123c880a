import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AgentCommand, parseCommand } from '../../../src/slack/listeners/commands/parse-command.js';
import { shortIdOf } from '../../../src/temporal/ids.js';

describe('what follows /agent', () => {
  const said: [string, AgentCommand][] = [
    ['', { kind: 'help' }],
    ['   ', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['HELP', { kind: 'help' }],
    ['list', { kind: 'list' }],
    ['status abcd2345', { kind: 'status', word: 'status', shortId: 'abcd2345' }],
    ['status `abcd2345`', { kind: 'status', word: 'status', shortId: 'abcd2345' }],
    ['status', { kind: 'status', word: 'status', shortId: '' }],
    ['cancel abcd2345', { kind: 'cancel', word: 'cancel', shortId: 'abcd2345' }],
    ['stop abcd2345', { kind: 'cancel', word: 'stop', shortId: 'abcd2345' }],
    ['Stop', { kind: 'cancel', word: 'Stop', shortId: '' }],
    ['"stop the builds"', { kind: 'goal', goal: 'stop the builds' }],
    ['?', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['lst', { kind: 'ask', goal: 'lst' }],
    ['deploy', { kind: 'ask', goal: 'deploy' }],
    ['deploy-site?', { kind: 'ask', goal: 'deploy-site?' }],
    ['x'.repeat(60), { kind: 'goal', goal: 'x'.repeat(60) }],
    ['"deploy"', { kind: 'goal', goal: 'deploy' }],
    ['"Buy milk" and "Buy eggs"', { kind: 'goal', goal: '"Buy milk" and "Buy eggs"' }],
    ['“Buy milk” and “Buy eggs”', { kind: 'goal', goal: '“Buy milk” and “Buy eggs”' }],
    ['cancel subscriptions', { kind: 'cancel', word: 'cancel', shortId: 'subscriptions' }],
    ['"cancel subscriptions"', { kind: 'goal', goal: 'cancel subscriptions' }],
    ['draft the release notes', { kind: 'goal', goal: 'draft the release notes' }],
    ['list every open incident by owner', { kind: 'goal', goal: 'list every open incident by owner' }],
    ['status of the migration', { kind: 'status', word: 'status', shortId: 'of the migration' }],
    ['schedules', { kind: 'schedules' }],
    ['schedules of the trains', { kind: 'goal', goal: 'schedules of the trains' }],
    ['schedule', { kind: 'schedule', goal: '' }],
    ['schedule every day at 9 draft it', { kind: 'schedule', goal: 'every day at 9 draft it' }],
    ['schedule "every day at 9"', { kind: 'schedule', when: 'every day at 9', goal: '' }],
    ['schedule "every day at 9" draft it', { kind: 'schedule', when: 'every day at 9', goal: 'draft it' }],
    ['Schedule “every day at 9” draft it', { kind: 'schedule', when: 'every day at 9', goal: 'draft it' }],
    ['schedule „every day at 9“ draft it', { kind: 'schedule', when: 'every day at 9', goal: 'draft it' }],
    [
      "schedule 'every day at 9' don’t stop",
      { kind: 'schedule', when: 'every day at 9', goal: 'don’t stop' },
    ],
    ['schedule "at 9 o’clock daily"go', { kind: 'schedule', when: 'at 9 o’clock daily', goal: 'go' }],
    [
      'schedule "daily at 9" "Buy milk" and "Buy eggs"',
      { kind: 'schedule', when: 'daily at 9', goal: '"Buy milk" and "Buy eggs"' },
    ],
    ['schedule "every day at 9" "draft it"', { kind: 'schedule', when: 'every day at 9', goal: 'draft it' }],
    [
      'schedule "every day at 9" say "hi" to\nall',
      { kind: 'schedule', when: 'every day at 9', goal: 'say "hi" to\nall' },
    ],
    ['"schedule the launch"', { kind: 'goal', goal: 'schedule the launch' }],
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
    assert.equal(shortIdOf(command), shortIdOf({ ...command }));
    assert.match(shortIdOf(command), /^[a-z2-9]{8}$/);
  });

  it('differs for the same words typed again', () => {
    assert.notEqual(shortIdOf(command), shortIdOf({ ...command, triggerId: '1.2.4' }));
  });
});
