import type { Message, PageEvent } from '../../workspace/protocol.js';
import type { InputValue } from './inputs.js';
import type { PageState, Place, ThreadRef } from './page-state.js';

export type WorkspaceEvent = Exclude<PageEvent, { type: 'answer' }>;

/** Everything that changes the page: what the workspace says, and what the person at the keyboard does. */
export type Action =
  | { type: 'event'; event: WorkspaceEvent }
  | { type: 'link'; link: PageState['link'] }
  | { type: 'actAs'; person: string }
  | { type: 'go'; place: Place }
  | { type: 'openThread'; thread: ThreadRef }
  | { type: 'closeThread' }
  | { type: 'draft'; key: string; text: string }
  | { type: 'typed'; container: string; blockId: string; actionId: string; value: InputValue }
  /** `thread` is where an answer to the click would land. */
  | { type: 'clicked'; element: string; container: string; thread?: ThreadRef }
  | { type: 'settled'; element: string; container: string; error?: string }
  /** `since` in seconds. */
  | { type: 'commanded'; channel: string; since: number }
  | { type: 'refused'; viewId: string; errors: Record<string, string> }
  | { type: 'viewGone'; viewId: string }
  /** A line that only this page knows of, drawn like one from Slackbot. */
  | { type: 'note'; message: Message }
  | { type: 'welcome'; welcome: PageState['welcome'] };
