import { count, hasMetrics } from '../../telemetry/metrics.js';
import { hasTracer, inSpan } from '../../telemetry/spans.js';

/** Option of Slack's clients that counts each request by its method and its answer, and traces it. Empty where nobody asks for that. */
export function observed(): { fetch?: typeof fetch } {
  return hasMetrics() || hasTracer() ? { fetch: observedFetch } : {};
}

const observedFetch: typeof fetch = async (address, init) => {
  const method = methodOf(String(address instanceof Request ? address.url : address));
  return await inSpan({ name: `slack ${method}`, kind: 'client' }, async (span) => {
    let code = 'unreachable';
    try {
      const response = await fetch(address, init);
      code = await codeOf(response);
      return response;
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') code = 'timeout';
      throw error;
    } finally {
      count('countersign.slack.calls', { method, code });
      if (code !== 'ok') span.add({ 'error.type': code });
    }
  });
};

/** Method of an address: that of Slack's Web API, or the kind of another address. */
function methodOf(address: string): string {
  const { pathname } = new URL(address);
  const [, method] = /\/api\/([a-z]+(?:\.[a-zA-Z]+)+)$/.exec(pathname) ?? [];
  return method ?? (/\/upload\b/.test(pathname) ? 'upload' : 'response_url');
}

/** Slack's code of an answer; `ok` without an error. */
async function codeOf(response: Response): Promise<string> {
  if (response.status === 429) return 'ratelimited';
  if (!response.ok) return `http_${response.status}`;
  if (!response.headers.get('content-type')?.includes('json')) return 'ok';
  try {
    const { ok, error } = (await response.clone().json()) as { ok?: boolean; error?: unknown };
    return ok === false ? String(error).slice(0, 60) : 'ok';
  } catch {
    // The client that reads the answer itself says what is wrong with it.
    return 'unreadable';
  }
}
