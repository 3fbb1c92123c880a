import Anthropic from '@anthropic-ai/sdk';
import { reveal } from '../platform/secret.js';
import { wellFormedData } from '../platform/well-formed.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import { type ModelAccess, placeOf } from './access.js';
import { threadBlocks } from './content/thread-blocks.js';
import { examineModel, type ModelReport } from './examine-model.js';
import { noteProvider } from './observe.js';
import { mayOffer } from './offers.js';
import { askForPlan } from './plan/ask-plan.js';
import { PLAN_FORMAT, readPlan } from './plan/plan-format.js';
import { planPrompt, SYSTEM } from './prompts.js';
import { ask } from './request/ask.js';
import type { Effort } from './request/effort.js';
import { PATIENCE_MS } from './request/patience.js';
import { SEARCH, serverTool } from './request/server-tools.js';
import { readResearch } from './research.js';
import { type Models, takeTurn } from './turn/take-turn.js';

export interface ModelSettings extends ModelAccess {
  /** Model that is asked when the first one refuses. */
  fallbackModel?: string;
  /** @default the model's own */
  effort?: Effort | undefined;
  /** Longest waits for the beginning of an answer, in milliseconds. @default PATIENCE_MS */
  patienceMs?: typeof PATIENCE_MS;
}

const PROVIDERS = { direct: 'anthropic', bedrock: 'aws.bedrock', vertex: 'gcp.vertex_ai' } as const;

const SEARCH_TOOLS = { newest: [SEARCH], older: [serverTool('web_search', { isOlder: true })] };

/** Client for Claude, or for an endpoint that speaks its Messages API. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createModel(settings: ModelSettings, client = connectDirectly(settings)) {
  const { model, fallbackModel, effort, patienceMs = PATIENCE_MS } = settings;
  const models: Models = { model, fallbackModel, effort, patienceMs: patienceMs.turn, unknown: new Map() };
  const maySearch = mayOffer(settings, 'web_search');
  noteProvider(client, PROVIDERS[settings.cloud?.name ?? 'direct']);

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
        ...(maySearch && { tools: SEARCH_TOOLS }),
      };
      const answer = await ask(client, question, { what: 'the search', fallbackModel }, signal);
      const text = [answer.text, ...answer.notes].join('\n\n');
      const lack = maySearch ? undefined : `${placeOf(settings)} has no web search`;
      return { research: wellFormedData(readResearch(answer, text, lack)), usage: answer.usage };
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
      const serverTools = input.serverTools.filter((tool) => mayOffer(settings, tool));
      return takeTurn(client, models, { ...input, serverTools }, signal);
    },

    /** Checks the key and the models, and reads their limits. @throws ConfigError for a refused key, and for an unknown model. */
    check: (): Promise<ModelReport> => examineModel(client, settings, fallbackModel),
  };
}

/** Settings by which the SDK traces nothing itself, and sends the provider no ids of traces. The process may have a tracer of its own. */
export const NO_TRACING = { openTelemetry: { traces: false, propagation: false } };

/** Creates a client for Claude's own API, or a compatible one. Temporal does the retries. */
function connectDirectly({ apiKey, authToken, baseURL }: ModelAccess): Anthropic {
  // The SDK would look for other credentials where it is given none. It sends a key and a token alike, and asks for a key with each request.
  const credential = apiKey ?? authToken ?? null;
  const current = credential === null ? null : async () => reveal(credential);
  return new Anthropic({
    ...NO_TRACING,
    apiKey: current,
    authToken: null,
    maxRetries: 0,
    ...(baseURL && { baseURL }),
  });
}
