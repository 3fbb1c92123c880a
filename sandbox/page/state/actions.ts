import type { Message, PageEvent } from '../../workspace/protocol.js';
import type { InputValue } from './inputs.js';
import type { PageState, Place, ThreadRef } from './page-state.js';
import type { Tour } from './tour.js';

export type WorkspaceEvent = Exclude<PageEvent, { type: 'answer' }>;

/** All changes of the page's state: events of the workspace, and actions of the person. */
export type Action =
  | { type: 'event'; event: WorkspaceEvent }
  | { type: 'link'; link: PageState['link'] }
  | { type: 'actAs'; person: string }
  | { type: 'go'; place: Place }
  | { type: 'openThread'; thread: ThreadRef }
  | { type: 'closeThread' }
  | { type: 'draft'; key: string; text: string }
  /** A text that could not be sent goes back into its composer, before what was typed since. */
  | { type: 'unsent'; key: string; text: string }
  | { type: 'typed'; container: string; blockId: string; actionId: string; value: InputValue }
  /** `thread`: the thread in which an answer to the click would appear. */
  | { type: 'clicked'; element: string; container: string; thread?: ThreadRef }
  | { type: 'settled'; element: string; container: string; error?: string }
  /** `since` in seconds. */
  | { type: 'commanded'; channel: string; since: number }
  | { type: 'refused'; viewId: string; errors: Record<string, string> }
  | { type: 'viewGone'; viewId: string }
  /** A private line that exists only on this page, drawn like one from Slackbot. */
  | { type: 'note'; message: Message }
  | { type: 'welcome'; welcome: PageState['welcome'] }
  /** Starts, leaves or changes the tour. A tour that starts is shown in its channel. */
  | { type: 'tour'; tour: Tour };
