import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockProblems, isTooLong } from '../../../sandbox/workspace/validation/blocks.js';
import type { ScheduleSummary } from '../../../src/schedule/schedule.js';
import { decodeDraft } from '../../../src/slack/messages/kit/ids.js';
import {
  draftMessage,
  savedMessage,
  scheduleListMessage,
  timetableText,
} from '../../../src/slack/messages/schedule/schedules.js';
import { ana } from '../../support/samples.js';

/** As many words as an expression can make. */
const LONGEST =
  '0 0,2,4,6,9,11,13,15,17,19,21,23 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 1,3,5,8,10,12 0,2,4,6';
const next = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 11, day, 9)));

function schedule(own: Partial<ScheduleSummary> = {}): ScheduleSummary {
  return {
    id: 'abcd2345',
    cron: '0 9 * * 1-5',
    timeZone: 'America/New_York',
    words: timetableText('0 9 * * 1-5'),
    goal: 'Draft the notes',
    requester: ana,
    channel: 'C01GENERAL',
    paused: false,
    next,
    ...own,
  };
}

describe('what is shown of a schedule', () => {
  it('fits into Slack’s limits with the longest goal and timetable, and Save carries all of it', () => {
    const draft = {
      id: 'abcd2345',
      cron: LONGEST,
      timeZone: 'America/Argentina/ComodRivadavia',
      channel: 'C0123456789',
      goal: '"'.repeat(750),
    };
    const shown = { next, here: false, zoneKnown: false, obstacle: 'not_in_channel' as const };
    for (const { blocks } of [draftMessage(draft, shown), savedMessage(draft, next[0])]) {
      assert.deepEqual(blockProblems(blocks, 'messages'), []);
      assert.equal(isTooLong(blocks), false);
    }
    const actions = draftMessage(draft, shown).blocks.find((block) => block.type === 'actions');
    const [save] = actions?.elements ?? [];
    assert.deepEqual(save?.type === 'button' && decodeDraft(save.value), draft);
  });

  it('shows a long list within Slack’s limits, and says how many are left out', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      schedule({
        id: `abcd${2000 + index}`,
        goal: '<'.repeat(200),
        words: timetableText(LONGEST),
        last: { shortId: 'abcd2345-2026-12-01T09:00:00Z', at: new Date() },
      }),
    );
    const { blocks } = scheduleListMessage(many, 'Paused');
    assert.deepEqual(blockProblems(blocks, 'messages'), []);
    assert.equal(isTooLong(blocks), false);
    assert.match(JSON.stringify(blocks), /10 more schedules, due later, not shown here/);
  });

  it('defuses a goal that pretends to be a mention', () => {
    const { blocks } = scheduleListMessage([schedule({ goal: '<!channel> ping' })]);
    const lines = JSON.stringify(blocks.filter((block) => block.type === 'section'));
    assert.ok(!lines.includes('channel'));
    assert.ok(JSON.stringify(blocks).includes('"type":"text","text":"<!channel> ping"'));
  });

  it('shows the next three times with their weekdays', () => {
    const draft = { id: 'abcd2345', cron: '0 9 * * 1-5', timeZone: 'UTC', channel: 'C1', goal: 'tidy up' };
    const { blocks } = draftMessage(draft, { next, here: true, zoneKnown: true, obstacle: undefined });
    const times = next.map(
      (at) => `• <!date^${at.getTime() / 1000}^{date_long} at {time}|${at.toUTCString()}>`,
    );
    assert.ok(JSON.stringify(blocks).includes(JSON.stringify(times.join('\n')).slice(1, -1)));
  });

  it('says of a run that starts once when it does, and that it has started', () => {
    const once = { cron: '0 10 28 11 * 2026', timeZone: 'UTC', words: 'Once' };
    const at = '*Once*, <!date^1795860000^{date_long} at {time}|Sat, 28 Nov 2026 10:00:00 GMT>';
    const waits = JSON.stringify(scheduleListMessage([schedule({ ...once, next: next.slice(0, 1) })]));
    assert.ok(waits.includes(`${at}"`), waits);
    const last = { shortId: 'abcd2345-2026-11-28T10:00:00Z', at: new Date() };
    const started = JSON.stringify(scheduleListMessage([schedule({ ...once, next: [], last })]));
    assert.ok(started.includes(`${at} · started`), started);
    assert.ok(!started.includes('Pause'), 'nothing is left to pause');
  });

  it('says that one is paused, and that one is not due any more', () => {
    assert.match(JSON.stringify(scheduleListMessage([schedule({ paused: true, next: [] })])), /· paused/);
    assert.match(JSON.stringify(scheduleListMessage([schedule({ next: [] })])), /· not due any more/);
  });
});
