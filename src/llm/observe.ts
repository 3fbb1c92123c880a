import Anthropic from '@anthropic-ai/sdk';
import { hasMetrics, measure, stopwatch } from '../telemetry/metrics.js';
import { failureCode, inSpan, type Span } from '../telemetry/spans.js';
import { usageOf } from './prices.js';
import type { Received } from './request/receive.js';

/** Names of the providers by the GenAI semantic conventions. */
export type Provider = 'anthropic' | 'aws.bedrock' | 'gcp.vertex_ai';

const providers = new WeakMap<object, Provider>();

/** Notes who serves the model that a client asks. */
export function noteProvider(client: Anthropic, provider: Provider): void {
  providers.set(client, provider);
}

/**
 * Measures a request to the model, with its tokens and its price, and traces it by the GenAI semantic conventions. Each request counts, also one that
 * is made again: all are billed.
 */
export async function observe(
  client: Anthropic,
  { model, max_tokens }: { model: string; max_tokens: number },
  ask: () => Promise<Received>,
): Promise<Received> {
  const labels = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': providers.get(client) ?? 'anthropic',
    'gen_ai.request.model': model,
  };
  const attributes = { ...labels, 'gen_ai.request.max_tokens': max_tokens, 'gen_ai.request.stream': true };
  return await inSpan({ name: `chat ${model}`, kind: 'client', attributes }, async (span) => {
    const seconds = stopwatch();
    try {
      const received = await ask();
      measure('gen_ai.client.operation.duration', seconds(), labels);
      report(span, labels, received);
      return received;
    } catch (error) {
      const type =
        error instanceof Anthropic.APIError && error.status ? String(error.status) : failureCode(error);
      measure('gen_ai.client.operation.duration', seconds(), { ...labels, 'error.type': type });
      throw error;
    }
  });
}

type Labels = Record<'gen_ai.operation.name' | 'gen_ai.provider.name' | 'gen_ai.request.model', string>;

function report(span: Span, labels: Labels, { message }: Received): void {
  const { inputTokens, outputTokens, cachedTokens, costUsd } = usageOf(
    labels['gen_ai.request.model'],
    message.usage,
  );
  if (hasMetrics()) {
    measure('gen_ai.client.token.usage', inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
    measure('gen_ai.client.token.usage', outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
    const { 'gen_ai.request.model': model } = labels;
    if (costUsd !== undefined) measure('countersign.model.cost', costUsd, { 'gen_ai.request.model': model });
  }
  const { id, model, stop_reason } = message;
  span.add({
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': stop_reason ? [stop_reason] : undefined,
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'gen_ai.usage.cache_read.input_tokens': cachedTokens,
  });
}
