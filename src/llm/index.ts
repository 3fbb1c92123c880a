import Anthropic from '@anthropic-ai/sdk';
import { ConfigError } from '../platform/errors.js';
import { wellFormedData } from '../platform/well-formed.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import { ask } from './ask.js';
import { askForPlan } from './ask-plan.js';
import type { Effort } from './effort.js';
import { PATIENCE_MS } from './patience.js';
import { PLAN_FORMAT, readPlan } from './plan-format.js';
import { planPrompt, SYSTEM } from './prompts.js';
import { readResearch } from './research.js';
import { SEARCH, serverTool } from './server-tools.js';
import { type Models, takeTurn } from './take-turn.js';
import { threadBlocks } from './thread-blocks.js';

export interface ModelSettings {
  apiKey: string;
  /** Any endpoint that is compatible with the Messages API, without `/v1`. */
  baseURL?: string;
  model: string;
  /** Model that is asked when the first one refuses. */
  fallbackModel?: string;
  /** @default the model's own */
  effort?: Effort | undefined;
  /** Longest waits for the beginning of an answer, in milliseconds. @default PATIENCE_MS */
  patienceMs?: typeof PATIENCE_MS;
}

/** Time-out of the check at the start, in milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;

/** Client for Claude, or for an endpoint that speaks its Messages API. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createModel({
  apiKey,
  baseURL,
  model,
  fallbackModel,
  effort,
  patienceMs = PATIENCE_MS,
}: ModelSettings) {
  // Temporal does the retries.
  const client = new Anthropic({ apiKey, authToken: null, maxRetries: 0, ...(baseURL && { baseURL }) });
  const models: Models = { model, fallbackModel, effort, patienceMs: patienceMs.turn, unknown: new Set() };

  return {
    /** Researches the goal on the web. The result has a summary in Markdown, and its sources. */
    async searchWeb(
      goal: string,
      signal?: AbortSignal,
      thread?: ThreadContext,
    ): Promise<{ research: Research; usage: Usage }> {
      const prompt = `Research this goal: ${goal}`;
      const material = threadBlocks(thread);
      const question = {
        model,
        system: SYSTEM.search,
        prompt,
        material,
        maxTokens: 8_000,
        patienceMs: patienceMs.search,
        effort,
        tools: { newest: [SEARCH], older: [serverTool('web_search', { isOlder: true })] },
      };
      const answer = await ask(client, question, { what: 'the search', fallbackModel }, signal);
      const text = [answer.text, ...answer.notes].join('\n\n');
      return { research: wellFormedData(readResearch(answer, text)), usage: answer.usage };
    },

    /** Writes a plan, or a new revision of one. `tools`: the tools for the plan's execution. */
    async writePlan(
      { thread, ...input }: PlanBrief & { tools: ToolSpec[]; thread?: ThreadContext },
      signal?: AbortSignal,
    ): Promise<{ plan: Plan; usage: Usage }> {
      const prompt = planPrompt(input);
      const material = threadBlocks(thread);
      const question = {
        model,
        system: SYSTEM.plan,
        prompt,
        material,
        maxTokens: 12_000,
        patienceMs: patienceMs.plan,
        effort,
        format: PLAN_FORMAT,
      };
      const wish = { what: 'the plan', isWhole: true, fallbackModel };
      const notes = new Set<string>();
      const write = async (more: Anthropic.MessageParam[]) => {
        const answer = await ask(client, { ...question, more }, wish, signal);
        for (const note of answer.notes) notes.add(note);
        return answer;
      };
      const { plan, usage } = await askForPlan(write, (text) =>
        wellFormedData(readPlan(text, input.goal, input.research.sources)),
      );
      // Approvers should know that a model refused.
      return { plan: { ...plan, risks: [...plan.risks, ...notes] }, usage };
    },

    /** Takes one turn of an execution. Exchanges are sent unchanged, so that turns with the same tools read them from the prompt cache. */
    takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn> {
      return takeTurn(client, models, input, signal);
    },

    /** Checks the key. An endpoint that is unreachable, or can't check keys, is no error. @throws ConfigError when the key is refused. */
    async check(): Promise<void> {
      try {
        await client.models.list({ limit: 1 }, { timeout: CHECK_TIMEOUT_MS });
      } catch (error) {
        if (!(error instanceof Anthropic.AuthenticationError)) return;
        throw new ConfigError(
          'ANTHROPIC_API_KEY',
          'ANTHROPIC_API_KEY: the key is refused (401). Create one in the Claude Console under API keys.',
          { cause: error },
        );
      }
    },
  };
}
