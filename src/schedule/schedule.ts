import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';

/** The times at which a schedule starts runs. */
export interface ScheduledTimes {
  /** A cron expression of five fields, all of which must match. */
  cron: string;
  /** IANA time zone in which the expression is meant. */
  timeZone: string;
  /** The expression in words, for people. */
  words: string;
}

interface ScheduledGoal extends ScheduledTimes {
  /** Short id that people see; saving one id twice makes one schedule. */
  id: string;
  goal: string;
  requester: Person;
  /** Channel where its runs post their plans. */
  channel: string;
}

/** A goal that is to be run again and again. */
export interface NewSchedule extends ScheduledGoal {
  /** The channel of the command: the requester is answered there when a plan can't be posted. */
  origin: string;
  /** The policy of its next runs. */
  policy: ApprovalPolicy;
}

/** A schedule that isn't saved yet. */
export type ScheduleDraft = Pick<NewSchedule, 'id' | 'cron' | 'timeZone' | 'channel' | 'goal'>;

/** A schedule as it is now; `goal` holds the beginning of it. */
export interface ScheduleSummary extends ScheduledGoal {
  paused: boolean;
  /** Its next times, the soonest first; none while it is paused. */
  next: Date[];
  last?: { shortId: string; at: Date };
}

export interface ScheduleChange {
  kind: 'pause' | 'resume' | 'run' | 'delete';
  by: Person;
  /** Slack's own id of the click: a run that the same click asks for twice is started once. */
  click: string;
}
