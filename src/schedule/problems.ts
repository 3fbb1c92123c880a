/** Examples for people whose times can't be read. */
export const EXAMPLES =
  '“every weekday at 9”, “mondays and thursdays at 8:15”, “every month on the 1st at 7”, “every 2 hours”, “tomorrow at 10”, “in 2 hours”';

/** "5, 10 or 15". */
function orList(numbers: number[]): string {
  const last = numbers.slice(-1).join('');
  return numbers.length > 1 ? `${numbers.slice(0, -1).join(', ')} or ${last}` : last;
}

/** Texts for times that a schedule can't have: the reason, then words that work. */
export const PROBLEMS = {
  unknownWord: (word: string) => `I don't understand “${word}”. Write ${EXAMPLES}.`,
  tooLong: (limit: number) =>
    `That is too long. The times can have ${limit.toLocaleString('en-US')} characters.`,
  never: 'That day never comes. Choose a day that the month has.',
  tooOften: 'That is too often. Leave at least 10 minutes between runs: “every 10 minutes” or “every hour”.',
  everyOther: (words: string) =>
    `“${words}” isn't supported. Name the days: “mondays and thursdays at 8:15” or “on the 1st and 15th of every month at 9”.`,
  last: "“Last” isn't supported. Name a day that every month has: “every month on the 28th at 9”.",
  fifth: 'Not every month has that day. Choose the first to the fourth, or a day of the month.',
  twoCounted: 'I can count one weekday only: “the first monday of every month at 9”.',
  countedOfWhat: 'Do you mean every month? Write “the first monday of every month at 9”.',
  noSuchDay: (day: number) => `No month has a day ${day}.`,
  noSuchTime: (time: string) => `There is no time ${time}. Write “at 9”, “at 18:30” or “at 9am”.`,
  dayOrTime: (number: string) =>
    `Is “${number}” a day or a time? Write “at ${number}”, or the day as in “on the 1st”.`,
  daysWithTimes: "I can't give different days different times. Make one schedule for each.",
  kindsOfDays: "I can't mix weekdays and dates, or several dates. Make one schedule for each.",
  minutesDiffer: (times: string) => `Make one schedule for each of ${times}: their minutes differ.`,
  whichDays: 'On which days? Write “every day at 9”, “every weekday at 9” or “tomorrow at 9”.',
  whichWeekday: 'On which day of the week? Write “every week on monday at 9”.',
  whichDay: 'On which day of the month? Write “every month on the 1st at 7”.',
  whichDate: 'On which day of the year? Write “every year on march 1 at 9”.',
  whichTime: 'At what time? Write “every weekday at 9” or “tomorrow at 10”.',
  whichHours: 'From which hour to which? Write “every hour from 9 to 17”.',
  howOften: 'How often in that time? Write “every hour from 9 to 17”.',
  partOfDay: (time: string) => `${time} isn't in that part of the day. Write “every day at 18:30”.`,
  oneInterval: 'Name one interval: “every 2 hours”.',
  intervalAndTime: 'Name an interval or a time: “every 2 hours” or “every day at 9”.',
  interval: (minutes: number[], hours: number[]) =>
    `That interval isn't supported. Choose every ${orList(minutes)} minutes, or every ${orList(hours)} hours.`,
  cronFields: (number: number) => `A cron expression has five fields, not ${number}.`,
  cronField: (part: string, what: string, min: number, max: number) =>
    `“${part}” isn't ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}. Use ${min} to ${max}, *, ranges, lists and steps.`,
  onceOrAgain: 'Once, or again and again? Write “tomorrow at 9” or “every day at 9”.',
  whichSingleDay: 'On which day? Write “tomorrow at 10” or “december 7 at 10”.',
  oneMoment: 'A run that starts once takes one day and one time: “tomorrow at 10”.',
  delayAndTime: 'Name a delay or a time: “in 2 hours” or “today at 17:00”.',
  nextWhat: (unit: string) => `Which day of that ${unit}? Write “next monday at 9” or “december 7 at 9”.`,
  passed: (time: string) => `Today at ${time} has passed. Write “tomorrow at ${time}”.`,
  pastDate: 'That day has passed. Choose one that is still to come.',
  tooFar: (years: number) => `That is too far away. Choose a day in the next ${years} years.`,
  skipped: "That time doesn't exist on that day: the clocks go forward. Choose another.",
};
