import Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../platform/errors.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import type { ModelAccess } from './access.js';
import { type Answer, converse } from './converse.js';
import { examineModel, type ModelReport } from './examine-model.js';
import { invalid, isTooLong, toRemoteError } from './failures.js';
import { mayOffer } from './offers.js';
import { PLAN_FORMAT, readPlan } from './plan-format.js';
import { planPrompt, SYSTEM } from './prompts.js';
import { sendLeniently } from './send.js';
import { readSources } from './sources.js';
import { threadBlocks } from './thread-blocks.js';
import { readTurn, unbegunTurn } from './turn-answer.js';
import { draftTurn } from './turn-request.js';

const OWN_KNOWLEDGE = 'No web search was available; this is the model’s own knowledge.\n\n';
const SEARCH_TOOL = { type: 'web_search_20260318', name: 'web_search', max_uses: 5 } as const;

/** Client for Claude, or for an endpoint that speaks its Messages API. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createModel(access: ModelAccess, client = connectDirectly(access)) {
  const { model } = access;
  const searchTools = mayOffer(access, 'web_search') ? { tools: [SEARCH_TOOL] } : {};

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
        ...searchTools,
      };
      const answer = await converse(client, question, signal);
      const isSearched = searchTools.tools && !answer.leftOut.has('server_tools');
      const caveat = isSearched ? '' : OWN_KNOWLEDGE;
      const summary = caveat + readText(answer, 'the search');
      return { research: { summary, sources: readSources(answer.content) }, usage: answer.usage };
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
        format: PLAN_FORMAT,
      };
      const answer = await converse(client, question, signal);
      const text = readText(answer, 'the plan');
      if (answer.cut)
        throw invalid('The plan was longer than the model may write. Make the goal smaller, or split it.');
      return { plan: readPlan(text, input.goal, input.research.sources), usage: answer.usage };
    },

    /** Takes one turn of an execution. Exchanges are sent unchanged, so that turns with the same tools read them from the prompt cache. */
    async takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn> {
      const serverTools = input.serverTools.filter((tool) => mayOffer(access, tool));
      try {
        const draft = draftTurn(model, { ...input, serverTools });
        return readTurn(model, await sendLeniently(client, draft, signal));
      } catch (error) {
        // Before the first exchange there is nothing that a summary could shorten.
        if (input.exchanges.length > 0 && isTooLong(error)) return unbegunTurn();
        throw error;
      }
    },

    /** Checks the key and the model, and reads the model's limits. @throws ConfigError for a refused key, and for an unknown model. */
    check: (): Promise<ModelReport> => examineModel(client, access),
  };
}

/** Creates a client for Claude's own API, or a compatible one. Temporal does the retries. */
function connectDirectly({ apiKey, authToken, baseURL }: ModelAccess): Anthropic {
  // The SDK would look for other credentials where it is given none.
  const credentials = apiKey === undefined ? { apiKey: null, authToken } : { apiKey, authToken: null };
  return new Anthropic({ ...credentials, maxRetries: 0, ...(baseURL && { baseURL }) });
}

/** Reads the text of an answer. @throws RemoteError when the model refused, or answered nothing (retryable). */
function readText({ content, refused }: Answer, what: string): string {
  const message = `The model refused to write ${what}. Rephrase the goal.`;
  if (refused) throw new RemoteError('Refused', message);
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  if (text.trim() !== '') return text.trim();
  throw toRemoteError(new Error(`The model returned an empty answer for ${what}`));
}
