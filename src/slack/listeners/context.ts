import type { App } from '@slack/bolt';
import type { Person } from '../../approval/person.js';
import type { UseCasePorts } from '../../use-cases/ports.js';

/** Everything that the listeners are given. */
export interface ListenerContext extends UseCasePorts {
  /** Each delivery of one command, or of one mention (`ts` is the message's), gives the same id. */
  shortIdOf(
    from: { team: string; channel: string; user: string; text: string } & (
      | { triggerId: string; responseUrl: string }
      | { ts: string }
    ),
  ): string;
  /** Somebody opened App Home. */
  homeOpened(person: Person): Promise<void>;
  /** Something happened to a channel that may put the cards in it out of people's reach. */
  channelChanged(channel: string): void;
  /** Tool servers that aren't available just now, and a reason for each. */
  toolProblems(): { server: string; reason: string }[];
}

/** Registers a listener with the app. */
export type Registration = (app: App, context: ListenerContext) => void;
