import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';

/** The times at which a schedule starts runs. */
export interface ScheduledTimes {
  /** Cron expression of five fields, all of which must match; or of six in UTC with a year, for one run (`onceAt`). */
  cron: string;
  /** IANA time zone of the expression. */
  timeZone: string;
  /** The expression as a text for people. */
  words: string;
}

interface ScheduledGoal extends ScheduledTimes {
  /** Short id that people see. Saving one id twice makes one schedule. */
  id: string;
  goal: string;
  requester: Person;
  /** Channel for the cards of its runs. */
  channel: string;
}

/** A schedule that is to be saved. */
export interface NewSchedule extends ScheduledGoal {
  /** Channel of the command. The requester gets a private message there when a plan can't be posted. */
  origin: string;
  /** Policy of its next runs. */
  policy: ApprovalPolicy;
}

/** A schedule before it is saved. */
export type ScheduleDraft = Pick<NewSchedule, 'id' | 'cron' | 'timeZone' | 'channel' | 'goal'>;

/** A saved schedule; `goal` holds only the beginning. */
export interface ScheduleSummary extends ScheduledGoal {
  paused: boolean;
  /** Next times, soonest first; empty while paused. */
  next: Date[];
  last?: { shortId: string; at: Date };
}

export interface ScheduleChange {
  kind: 'pause' | 'resume' | 'run' | 'delete';
  by: Person;
  /** Slack's id of the click. A click that arrives twice starts one run. */
  click: string;
}
