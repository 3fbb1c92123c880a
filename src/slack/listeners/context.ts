import type { App } from '@slack/bolt';
import type { Person } from '../../approval/person.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { UseCasePorts } from '../../use-cases/ports.js';
import type { ToolProblem } from '../messages/private/status.js';

/** Dependencies of the listeners. */
export interface ListenerContext extends UseCasePorts {
  /** Derives a run's short id from a command or a mention, whose `ts` is the message's. Redeliveries give the same id. */
  shortIdOf(
    from: { team: string; channel: string; user: string; text: string } & (
      | { triggerId: string; responseUrl: string }
      | { ts: string }
    ),
  ): string;
  /** Called when a person opens App Home, or changes a schedule there. */
  homeOpened(person: Person, changedSchedule?: string): Promise<void>;
  /** Called after a change of a channel that may put its cards out of reach. */
  channelChanged(channel: string): void;
  /** Tools, as the form for a call's arguments needs them. */
  tools: {
    /** Schema of a call's tool when the model asked for the call; undefined where it is not known. */
    schemaOf(call: Pick<ToolCall, 'name' | 'definition'>): Promise<Record<string, unknown> | undefined>;
    /** Finds out what is wrong with arguments by that schema, as a clause. */
    findInputProblem(
      call: Pick<ToolCall, 'name' | 'definition'>,
      input: Record<string, unknown>,
    ): Promise<string | undefined>;
  };
  /** Tool servers that are unavailable at the moment, and tools that can't be offered, each with a reason. */
  toolProblems(): ToolProblem[];
}

/** Registers listeners with the app. */
export type Registration = (app: App, context: ListenerContext) => void;
