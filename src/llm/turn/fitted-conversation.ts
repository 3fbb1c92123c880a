import type Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../../platform/errors.js';
import { type ContextEdits, countClearable, editExchanges } from '../../run/execution/context.js';
import type { TurnRequest } from '../../run/execution/conversation.js';
import { addUsage, type Usage } from '../../run/plan.js';
import { SYSTEM } from '../prompts.js';
import { ask } from '../request/ask.js';
import { countOld } from './context-editing.js';
import { summaryMessage, summaryPrompt } from './summarize.js';
import type { Models } from './take-turn.js';

/** Limit for a summary, thinking included, in tokens. */
const SUMMARY_TOKENS = 16_000;
/** Characters of tool results that stay when older ones are cleared. The next amount is tried when the first is still too much. */
const KEPT_CHARS = [150_000, 40_000, 0] as const;

/** The conversation of one turn, made shorter step by step until the model takes it. */
export class FittedConversation {
  edits: ContextEdits = {};
  /** Keys of the parts that the API refused. */
  refused: string[];
  /** Usage of the requests for summaries. */
  usage: Usage | undefined;
  isSummedUp = false;

  constructor(
    readonly client: Anthropic,
    readonly whole: TurnRequest,
    readonly settings: Pick<Models, 'fallbackModel' | 'effort' | 'patienceMs'>,
  ) {
    this.refused = whole.refused ?? [];
  }

  /** The turn's request with the conversation as it is now. */
  get request(): TurnRequest {
    return {
      ...this.whole,
      refused: this.refused,
      exchanges: [...editExchanges(this.whole.exchanges, this.edits)],
    };
  }

  /** Clears old results, as the API would. The newest stay, so that the model reads each one. */
  clearOld(): void {
    this.#clear(KEPT_CHARS[0], countOld(this.whole.exchanges));
  }

  /** Clears more results; then has the conversation summed up, once. False if neither makes it shorter. @throws RemoteError */
  async shorten(model: string, signal?: AbortSignal): Promise<boolean> {
    const { whole } = this;
    if (whole.exchanges.length === 0 || this.isSummedUp) return false;
    if (KEPT_CHARS.some((kept) => this.#clear(kept))) return true;
    const prompt = summaryPrompt(whole);
    const { fallbackModel, ...how } = this.settings;
    const question = { model, system: SYSTEM.summary, prompt, maxTokens: SUMMARY_TOKENS, ...how };
    const wish = { what: 'a summary of the work so far', fallbackModel };
    try {
      const { text, usage } = await ask(this.client, question, wish, signal);
      this.usage = addUsage(this.usage, usage);
      this.edits = { summary: summaryMessage(text, whole) };
      this.isSummedUp = true;
      return true;
    } catch (error) {
      // Without a summary the work still ends with a report.
      if (error instanceof RemoteError && !error.retryable) return false;
      throw error;
    }
  }

  /** Clears all results but the newest of so many characters, `most` at most. False if those are cleared already. */
  #clear(kept: number, most = Number.POSITIVE_INFINITY): boolean {
    const cleared = Math.min(countClearable(this.request.exchanges, kept), most);
    if (cleared <= (this.edits.cleared ?? 0)) return false;
    this.edits = { ...this.edits, cleared };
    return true;
  }
}
