import Anthropic from '@anthropic-ai/sdk';
import { ConfigError, reasonOf } from '../platform/errors.js';
import { SERVER_TOOLS } from '../run/execution/conversation.js';
import { credentialsOf, type ModelAccess, placeOf } from './access.js';
import { mayOffer } from './offers.js';
import { hasPrice } from './prices.js';
import { keepLimits, limitsOf, type ModelLimits } from './request/limits.js';

/** Result of asking for the model. */
export interface ModelReport {
  /** The model, the place that serves it, server tools that the place lacks, limits and price, as far as they are known. */
  summary: string;
  /** Reason why the key and the model could not be checked. */
  problem?: string;
  /** The problem, and what else an operator should know at the start. */
  warnings: string[];
}

const NO_PRICE =
  'ANTHROPIC_MODEL: the price of this model is unknown, so no run shows what it costs, and `cost` in a budget limits nothing. Limit `tokens` instead.';

/** Time-out of a request, in milliseconds. A model on one's own machine may have to be loaded first. */
const TIMEOUT_MS = 15_000;

/**
 * Asks for the model, and for the one that is asked when it refuses. Keeps the limits that the answers state.
 *
 * @throws ConfigError for refused credentials, and for an unknown model.
 */
export async function examineModel(
  client: Anthropic,
  access: ModelAccess,
  fallbackModel?: string,
): Promise<ModelReport> {
  const { model } = access;
  let problem = await findProblem(client, access, 'ANTHROPIC_MODEL');
  if (problem === undefined && fallbackModel !== undefined)
    problem = await findProblem(client, { ...access, model: fallbackModel }, 'ANTHROPIC_FALLBACK_MODEL');
  const isPriced = hasPrice(model);
  const price = isPriced ? 'price known' : 'price unknown, so `cost` in a budget limits nothing';
  const lacking = SERVER_TOOLS.filter((tool) => !mayOffer(access, tool));
  const lacks = lacking.length > 0 ? `, without ${lacking.join(' and ')}` : '';
  const summary = `model ${model} at ${placeOf(access)}${lacks}, ${limitsText(limitsOf(client, model))}, ${price}`;
  const warnings = [problem, isPriced ? undefined : NO_PRICE].filter((warning) => warning !== undefined);
  return { summary, warnings, ...(problem !== undefined && { problem }) };
}

/** Reason why a model could not be checked. `variable`: the one that names the model. @throws ConfigError */
async function findProblem(
  client: Anthropic,
  access: ModelAccess,
  variable: string,
): Promise<string | undefined> {
  try {
    keepLimits(client, access.model, await askForModel(client, access.model));
    return undefined;
  } catch (error) {
    return judge(error, access, variable);
  }
}

function limitsText({ context, output }: ModelLimits): string {
  const known = [context && `${digits(context)} tokens of context`, output && `answers of ${digits(output)}`];
  return known.filter(Boolean).join(', ') || 'limits unknown';
}

const digits = (count: number) => count.toLocaleString('en-US');

/** Asks for the model's description, or else for one token of an answer. */
async function askForModel(client: Anthropic, model: string): Promise<ModelLimits> {
  const described = await describe(client, model);
  if (described) return described;
  const messages = [{ role: 'user' as const, content: 'Hi' }];
  await client.messages.create({ model, max_tokens: 1, messages }, { timeout: TIMEOUT_MS });
  return {};
}

/**
 * Reads the limits in the model's description. Undefined where the endpoint has no descriptions, or not Claude's: others may need no key for
 * them.
 */
async function describe(client: Partial<Anthropic>, model: string): Promise<ModelLimits | undefined> {
  if (!client.models) return undefined;
  try {
    const info = await client.models.retrieve(model, null, { timeout: TIMEOUT_MS });
    if (info?.type !== 'model') return undefined;
    const { max_input_tokens: context, max_tokens: output } = info;
    return { ...(context && { context }), ...(output && { output }) };
  } catch (error) {
    if (!(error instanceof Anthropic.APIError) || isFinal(error, model)) throw error;
    return undefined;
  }
}

/** True if a failure says all that there is to know. Many gateways have no descriptions, and say so in their own ways. */
function isFinal({ status, type, message }: InstanceType<typeof Anthropic.APIError>, model: string): boolean {
  if (status === undefined || status === 401 || status === 429) return true;
  return type === 'not_found_error' && message.includes(model);
}

/** Words of a refused request about a model that isn't there; other refusals name the model, too. */
const NO_MODEL =
  /\b(?:invalid|unknown|unsupported|no such)\b.*\bmodel\b|\bmodel\b.*(?:invalid|unknown|exist|n[o']t (?:found|a valid|supported|available))/is;

/** Explains a failure that may pass. @throws ConfigError for one that doesn't. */
function judge(error: unknown, access: ModelAccess, modelVariable: string): string {
  const place = placeOf(access);
  const { variable, advice } = credentialsOf(access);
  const wrong = (name: string, text: string) => new ConfigError(name, `${name}: ${text}`, { cause: error });
  if (error instanceof Anthropic.APIConnectionError) {
    const cause = reasonOf(firstCause(error));
    if (/credentials/.test(reasonOf(error)))
      throw wrong(variable, `no credentials were found (${cause}). ${advice}`);
    return `${place} could not be reached, so nobody knows if the key and the model are right (${cause}). Check the network, and the proxy if there is one.`;
  }
  if (!(error instanceof Anthropic.APIError))
    throw wrong(access.cloud?.name === 'vertex' ? 'ANTHROPIC_VERTEX_PROJECT_ID' : variable, reasonOf(error));
  const { status, apiMessage, message } = error;
  const said = apiMessage ?? message;
  if (status === 401 || status === 403)
    throw wrong(
      variable,
      access.cloud ? `${place} refuses (${said}). ${advice}` : `the key is refused (${status}). ${advice}`,
    );
  if (status === 404 || (status === 400 && NO_MODEL.test(said)))
    throw wrong(modelVariable, `${place} has no model "${access.model}" (${said}). Correct the name.`);
  return `${place} could not say if the key and the model are right (${said}).`;
}

/** Finds the error that began it: `fetch` wraps what the network says, and the SDK wraps `fetch`. */
function firstCause(error: Error): Error {
  return error.cause instanceof Error ? firstCause(error.cause) : error;
}
