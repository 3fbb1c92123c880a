import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readCron, renderCron } from '../../src/schedule/cron.js';
import { isTimeZone, nextTimes } from '../../src/schedule/next-times.js';
import { onceAt } from '../../src/schedule/once.js';
import { readTimetable } from '../../src/schedule/timetable.js';
import { timetableText } from '../../src/slack/messages/schedule/schedules.js';

const TEN_MINUTES = 10 * 60_000;

/** A Friday morning in Amsterdam. */
const clock = { timeZone: 'Europe/Amsterdam', now: new Date('2026-11-27T09:12:20Z') };

function next(text: string, zone: string, after: string, count = 3): string[] {
  return nextTimes(text, zone, new Date(after), count).map((at) => at.toISOString());
}

describe('when a schedule is to run', () => {
  const understood = {
    'every weekday at 9': '0 9 * * 1-5',
    'Every Weekday at 9.': '0 9 * * 1-5',
    'weekdays at noon': '0 12 * * 1-5',
    'every week day at 9 p.m.': '0 21 * * 1-5',
    'every day at 18:30': '30 18 * * *',
    'daily at 9 o’clock': '0 9 * * *',
    '9am every day': '0 9 * * *',
    'every day at midnight': '0 0 * * *',
    'every day at 12am': '0 0 * * *',
    'every day at 12pm': '0 12 * * *',
    'every day at 9 and 17': '0 9,17 * * *',
    'every morning at 8': '0 8 * * *',
    'every evening at 6': '0 18 * * *',
    'every monday at 9am': '0 9 * * 1',
    'every monday morning at 9': '0 9 * * 1',
    'at 9 every friday': '0 9 * * 5',
    'mondays and thursdays at 8:15': '15 8 * * 1,4',
    'mon, wed & fri at 7.45': '45 7 * * 1,3,5',
    'monday to thursday at 7': '0 7 * * 1-4',
    'friday-monday at 10': '0 10 * * 0,1,5,6',
    'weekends at 10': '0 10 * * 0,6',
    'every week on tuesday at 9': '0 9 * * 2',
    'every month on the 1st at 7': '0 7 1 * *',
    'monthly on the 15th at 14:00': '0 14 15 * *',
    'the 1st and 15th of every month at noon': '0 12 1,15 * *',
    'first monday of every month at 9': '0 9 1-7 * 1',
    'every second monday of the month at 9': '0 9 8-14 * 1',
    'every quarter on the 1st at 9': '0 9 1 */3 *',
    'every year on march 1 at 9': '0 9 1 3 *',
    'every year on 29 february at 9': '0 9 29 2 *',
    'every monday in july at 9': '0 9 * 7 1',
    'every hour': '0 * * * *',
    hourly: '0 * * * *',
    'every 2 hours': '0 */2 * * *',
    'every other hour': '0 */2 * * *',
    'every 120 minutes': '0 */2 * * *',
    'every 30 minutes': '*/30 * * * *',
    'every half hour': '*/30 * * * *',
    'every 10 mins': '*/10 * * * *',
    'every hour from 9 to 17 on weekdays': '0 9-17 * * 1-5',
    'every 30 minutes between 9am and 5pm': '*/30 9-16 * * *',
    '0 9 * * 1-5': '0 9 * * 1-5',
    '0 9 * * MON-FRI': '0 9 * * 1-5',
    '0 9 * * 7': '0 9 * * 0',
    '0 9 * jan,feb *': '0 9 * 1,2 *',
    '15-45/15 8 * * *': '15,30,45 8 * * *',
    '0,55 9 * * *': '0,55 9 * * *',
  };
  for (const [text, cron] of Object.entries(understood)) {
    it(`reads "${text}"`, () => {
      const read = readTimetable(text, clock);
      assert.equal('wrong' in read ? read.wrong : read.cron, cron);
    });
  }

  it('is refused in a moment where it is far too long', () => {
    const began = performance.now();
    const read = readTimetable(`every day at 9${' .'.repeat(60_000)}x`, clock);
    assert.match('wrong' in read ? read.wrong : '', /too long\. The times can have 300 characters/);
    assert.ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
  });

  const refused: [string, RegExp][] = [
    ['', /On which days\? Write “every day at 9”/],
    ['sometime at 9', /don't understand “sometime”\. Write “every weekday at 9”/],
    ['every weekday at 9 CET', /don't understand “cet”/],
    ['every weekday', /At what time\?/],
    ['at 9', /On which days\?/],
    ['weekly at 9', /On which day of the week\?/],
    ['every month at 9', /On which day of the month\?/],
    ['every year in march at 9', /On which day of the year\?/],
    ['every 9 on monday', /Is “9” a day or a time\?/],
    ['every day at 25:00', /There is no time 25:00/],
    ['every day at 13pm', /There is no time 13pm/],
    ['every evening at 9am', /isn't in that part of the day/],
    ['every day at 9:15 and 17', /one schedule for each of 9:15 and 17:00/],
    [
      'mondays at 9 and fridays at 10',
      /I can't give different days different times\. Make one schedule for each/,
    ],
    [
      'at 9 on mondays and at 10 on fridays',
      /I can't give different days different times\. Make one schedule for each/,
    ],
    ['mondays and the 1st of every month at 9', /can't mix weekdays and dates/],
    ['march 1 and april 15 at 9', /or several dates\. Make one schedule for each/],
    ['first and third monday of every month at 9', /count one weekday only/],
    ['every second monday at 9', /Do you mean every month\?/],
    ['fifth monday of every month at 9', /Not every month has that day/],
    ['last friday of every month at 9', /“Last” isn't supported\. Name a day that every month has/],
    ['every other monday at 9', /^“Every other” isn't supported\. Name the days: “mondays and thursdays/],
    ['fortnightly on mondays at 9', /^“Fortnightly” isn't supported\. Name the days/],
    ['every 3 days at 9', /^“Every 3 days” isn't supported\. Name the days/],
    ['every 45 minutes', /isn't supported\. Choose every 10, 12, 15, 20 or 30 minutes/],
    ['every 5 hours', /That interval isn't supported/],
    ['every 2 hours at 9', /Name an interval or a time/],
    ['every hour from 17 to 9', /From which hour to which\?/],
    ['every 30 seconds', /too often\. Leave at least 10 minutes/],
    ['every minute', /too often/],
    ['every 5 minutes', /too often/],
    ['*/5 * * * *', /too often/],
    ['* * * * *', /too often/],
    ['0,55 * * * *', /too often/],
    ['30 february at 9', /never comes/],
    ['0 9 31 2,4 *', /never comes/],
    ['every month on the 32nd at 9', /No month has a day 32/],
    ['0 0 9 * * 1', /five fields, not 6/],
    ['61 * * * *', /“61” isn't a minute/],
    ['0 9 * * fri-mon', /“fri-mon” isn't a day of the week/],
  ];
  for (const [text, why] of refused) {
    it(`refuses "${text}" and says what to write`, () => {
      const read = readTimetable(text, clock);
      assert.ok('wrong' in read, `it was read as ${JSON.stringify(read)}`);
      assert.match(read.wrong, why);
    });
  }

  const part = <T extends string>(...parts: T[]) => fc.constantFrom(...parts);
  const spoken = fc.oneof(
    fc
      .tuple(
        part(
          'every day',
          'weekdays',
          'every monday',
          'sat and sun',
          'on the 1st of every month',
          'in may on the 5th',
        ),
        part('at', ''),
        fc.nat(23),
        fc.nat(59),
        fc.boolean(),
      )
      .map(([days, word, hour, minute, daysFirst]) => {
        const time = `${word} ${hour}:${String(minute).padStart(2, '0')}`.trim();
        return daysFirst ? `${days} ${time}` : `${time} ${days}`;
      }),
    fc
      .tuple(
        fc.integer({ min: 1, max: 90 }),
        part('minutes', 'hours'),
        part('', ' on weekdays', ' from 9 to 17'),
      )
      .map(([count, unit, when]) => `every ${count} ${unit}${when}`),
  );
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: 2, max: 30 }).map((step) => `*/${step}`),
      fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 })
        .map((values) => values.join(',')),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`),
    );
  const written = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
    .map((fields) => fields.join(' '));

  it('never starts two runs less than ten minutes apart, whatever is written', () => {
    fc.assert(
      fc.property(
        fc.oneof(spoken, written),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        (text, after) => {
          const read = readTimetable(text, clock);
          if ('wrong' in read) return;
          const times = nextTimes(read.cron, 'UTC', after, 20);
          if (onceAt(read.cron)) return assert.ok(times.length <= 1);
          assert.ok(times.length > 0, `${text} comes some day`);
          for (const [index, at] of times.entries()) {
            const before = times[index - 1];
            assert.ok(at > after);
            assert.ok(
              !before || at.getTime() - before.getTime() >= TEN_MINUTES,
              `${text}: ${before?.toISOString()}, ${at.toISOString()}`,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('means the same when its expression is read again, and has words for it', () => {
    fc.assert(
      fc.property(written, (text) => {
        const cron = readCron(text);
        assert.deepEqual(readCron(renderCron(cron)), cron);
        assert.notEqual(timetableText(renderCron(cron)), '');
      }),
    );
  });
});

describe('a run that starts once', () => {
  const moments = {
    'tomorrow at 10': '2026-11-28T09:00Z',
    'tomorrow 10am': '2026-11-28T09:00Z',
    'tomorrow morning at 9': '2026-11-28T08:00Z',
    'tonight at 8': '2026-11-27T19:00Z',
    'today at 17:30': '2026-11-27T16:30Z',
    'the day after tomorrow at noon': '2026-11-29T11:00Z',
    'in 2 hours': '2026-11-27T11:13Z',
    'in 90 minutes': '2026-11-27T10:43Z',
    'in half an hour': '2026-11-27T09:43Z',
    'in an hour': '2026-11-27T10:13Z',
    'in 3 days': '2026-11-30T09:13Z',
    'in 3 days at 9': '2026-11-30T08:00Z',
    'in a week at 9': '2026-12-04T08:00Z',
    'friday at 11': '2026-11-27T10:00Z',
    'friday at 9': '2026-12-04T08:00Z',
    'this friday at 11': '2026-11-27T10:00Z',
    'next friday at 11': '2026-12-04T10:00Z',
    'once on monday at 9': '2026-11-30T08:00Z',
    'december 3 at 10': '2026-12-03T09:00Z',
    'on the 4th of december at 10': '2026-12-04T09:00Z',
    '3 march 2027 at 10': '2027-03-03T09:00Z',
    'december 3, 2026 at 10': '2026-12-03T09:00Z',
    '2027-07-01 at 10': '2027-07-01T08:00Z',
    '29 february at 9': '2028-02-29T08:00Z',
  };
  for (const [text, at] of Object.entries(moments)) {
    it(`starts ${text}, by the asker's clock`, () => {
      const read = readTimetable(text, clock);
      assert.ok(!('wrong' in read), JSON.stringify(read));
      assert.deepEqual(onceAt(read.cron), new Date(at));
      assert.deepEqual(nextTimes(read.cron, read.timeZone, clock.now, 2), [new Date(at)]);
      assert.equal(timetableText(read.cron), 'Once');
    });
  }

  const refused: [string, RegExp][] = [
    ['tomorrow', /At what time\?/],
    ['today at 9', /Today at 9:00 has passed\. Write “tomorrow at 9:00”/],
    ['2026-11-26 at 9', /That day has passed/],
    ['2026-02-30 at 9', /never comes/],
    ['2027-03-28 at 2:30', /That time doesn't exist on that day/],
    ['tomorrow at 9 and 17', /one day and one time/],
    ['today and tomorrow at 17', /one day and one time/],
    ['tomorrow and monday at 9', /one day and one time/],
    ['in 2 hours at 9', /Name a delay or a time/],
    ['every day once at 9', /Once, or again and again\?/],
    ['next week', /Which day of that week\? Write “next monday at 9”/],
    ['in 2 months', /Which day of that month\?/],
    ['once at 9', /On which day\? Write “tomorrow at 10”/],
    ['in 200 weeks', /too far away\. Choose a day in the next 2 years/],
  ];
  for (const [text, why] of refused) {
    it(`is refused for "${text}", with words that work`, () => {
      const read = readTimetable(text, clock);
      assert.match('wrong' in read ? read.wrong : JSON.stringify(read), why);
    });
  }

  it('starts at the right one of two equal times, when the clock is set back', () => {
    const read = readTimetable('in 1 hour', {
      timeZone: 'Europe/Amsterdam',
      now: new Date('2026-10-25T00:30:00Z'),
    });
    assert.ok(!('wrong' in read));
    assert.deepEqual(onceAt(read.cron), new Date('2026-10-25T01:30:00Z'));
  });
});

describe('the next times of a schedule', () => {
  it('are those of the asker’s clock, in winter and in summer', () => {
    assert.deepEqual(next('0 9 * * 1-5', 'Europe/Amsterdam', '2026-03-27T07:00:00Z'), [
      '2026-03-27T08:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
      '2026-03-31T07:00:00.000Z',
    ]);
    assert.deepEqual(next('0 9 * * *', 'Asia/Kolkata', '2026-11-25T03:30:00Z', 1), [
      '2026-11-26T03:30:00.000Z',
    ]);
    assert.deepEqual(next('30 23 31 12 *', 'Pacific/Kiritimati', '2026-01-01T00:00:00Z', 1), [
      '2026-12-31T09:30:00.000Z',
    ]);
  });

  it('leave out what the clock skips in spring', () => {
    assert.deepEqual(next('30 2 * * *', 'Europe/Amsterdam', '2026-03-27T12:00:00Z'), [
      '2026-03-28T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
      '2026-03-31T00:30:00.000Z',
    ]);
  });

  it('match the day of the month and the day of the week together, as Temporal does', () => {
    assert.deepEqual(next('0 9 1-7 * 1', 'UTC', '2026-11-25T00:00:00Z'), [
      '2026-12-07T09:00:00.000Z',
      '2027-01-04T09:00:00.000Z',
      '2027-02-01T09:00:00.000Z',
    ]);
  });

  it('find a 29 February on a Monday, eighteen years ahead', () => {
    assert.deepEqual(next('0 9 29 2 1', 'UTC', '2026-11-25T00:00:00Z', 1), ['2044-02-29T09:00:00.000Z']);
  });

  it('are known for every zone that Slack may name, and none that is none', () => {
    for (const zone of ['UTC', 'Europe/Amsterdam', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta']) {
      assert.ok(isTimeZone(zone), zone);
    }
    assert.equal(isTimeZone('Mars/Phobos'), false);
    assert.equal(isTimeZone(''), false);
  });
});

describe('the words of a schedule', () => {
  const said = {
    '0 9 * * 1-5': 'At 9:00 AM, Monday through Friday',
    '30 18 * * *': 'At 6:30 PM, every day',
    '*/30 * * * *': 'Every 30 minutes',
    '0 */2 * * *': 'On the hour, every 2 hours',
    '0 7 1 * *': 'At 7:00 AM, on day 1 of the month',
    '0 9 1-7 * 1': 'At 9:00 AM, between day 1 and 7 of the month, only on Monday',
  };
  for (const [cron, words] of Object.entries(said))
    it(`say "${words}"`, () => assert.equal(timetableText(cron), words));
});
