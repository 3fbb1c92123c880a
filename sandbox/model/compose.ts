import { createHash } from 'node:crypto';
import type { Block, Message } from './blocks.js';
import { resumedCode } from './container.js';
import { type Family, familyOf } from './families.js';
import { planMarkdown, planOf } from './plan.js';
import { filesIn, type MessagesRequest, partsOf, promptOf, type Task, taskOf } from './request.js';
import { resultOf } from './result.js';
import { pendingSearch } from './rules.js';
import { summaryOf } from './series.js';
import { turnOf } from './turn.js';
import { usageOf } from './usage.js';

/** Answers a request. Equal requests get equal answers. */
export function compose(body: MessagesRequest): Message {
  const content = [...resumedCode(body), ...resumed(body), ...WRITERS[taskOf(body)](promptOf(body), body)];
  return {
    id: `msg_${createHash('sha256').update(JSON.stringify(body.messages)).digest('hex').slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content,
    stop_reason: content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    stop_details: null,
    usage: usageOf(body, content),
  };
}

const WRITERS: Record<Task, (prompt: string, body: MessagesRequest) => Block[]> = {
  search: (prompt) => {
    const goal = prompt.replace(/^Research this goal:\s*/, '').trim();
    return searchBlocks(goal, familyOf(goal));
  },
  plan: (prompt, body) => {
    const plan = planOf(prompt, filesIn(body));
    const asked = body.output_config?.format !== undefined;
    return [{ type: 'text', text: asked ? JSON.stringify(plan) : planMarkdown(plan) }];
  },
  turn: (prompt, body) => turnOf(body) ?? [{ type: 'text', text: resultOf(prompt) }],
  summary: (prompt) => [{ type: 'text', text: summaryOf(prompt) }],
  other: () => [
    { type: 'text', text: 'This is a simulated model. It plans and carries out goals of the sandbox.' },
  ],
};

/** Continues a paused turn with the result of its pending search. */
function resumed({ messages }: MessagesRequest): Block[] {
  const last = messages.at(-1);
  const pending = last?.role === 'assistant' ? pendingSearch(partsOf(last)) : undefined;
  if (!pending?.id) return [];
  const { query } = (pending.input ?? {}) as { query?: string };
  return [resultBlock(pending.id, familyOf(String(query)))];
}

function searchBlocks(goal: string, family: Family): Block[] {
  const id = `srvtoolu_${createHash('sha256').update(goal).digest('hex').slice(0, 20)}`;
  const cited = family.findings.map((finding, index): Block => {
    const source = family.sources[index % family.sources.length];
    const citation = {
      type: 'web_search_result_location',
      url: source?.url,
      title: source?.title,
      cited_text: finding,
      encrypted_index: 'simulated',
    };
    return { type: 'text', text: `- ${finding}\n`, citations: [citation] };
  });
  return [
    { type: 'text', text: `I look up what matters for this goal.\n\n` },
    { type: 'server_tool_use', id, name: 'web_search', input: { query: family.query } },
    resultBlock(id, family),
    { type: 'text', text: '**What matters** (simulated research)\n\n' },
    ...cited,
  ];
}

function resultBlock(id: string, { sources }: Family): Block {
  const results = sources.map(({ title, url }) => ({
    type: 'web_search_result',
    title,
    url,
    encrypted_content: 'simulated',
    page_age: null,
  }));
  return { type: 'web_search_tool_result', tool_use_id: id, content: results };
}
