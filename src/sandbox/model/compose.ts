import { createHash } from 'node:crypto';
import { type Family, familyOf } from './families.js';
import { type MessagesRequest, promptOf, type Task, taskOf } from './request.js';
import { resultOf } from './result.js';

export type Block =
  | { type: 'text'; text: string; citations?: object[] }
  | { type: 'server_tool_use'; id: string; name: 'web_search'; input: { query: string } }
  | { type: 'web_search_tool_result'; tool_use_id: string; content: object[] };

/** A message as the API answers it. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: Block[];
  stop_reason: string;
  stop_sequence: null;
  usage: { input_tokens: number; output_tokens: number };
}

/** Answers a request: the same request, the same answer. */
export function compose(body: MessagesRequest): Message {
  const prompt = promptOf(body);
  const content = WRITERS[taskOf(body)](prompt, body);
  const written = content.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
  return {
    id: `msg_${createHash('sha256').update(prompt).digest('hex').slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: Math.ceil(prompt.length / 4), output_tokens: Math.ceil(written / 4) },
  };
}

const WRITERS: Record<Task, (prompt: string, body: MessagesRequest) => Block[]> = {
  search: (prompt) => {
    const goal = prompt.replace(/^Research this goal:\s*/, '').trim();
    return searchBlocks(goal, familyOf(goal));
  },
  plan: (prompt, body) => {
    const plan = planOf(prompt);
    const asked = body.output_config?.format !== undefined;
    return [{ type: 'text', text: asked ? JSON.stringify(plan) : planMarkdown(plan) }];
  },
  execute: (prompt) => [{ type: 'text', text: resultOf(prompt) }],
  other: () => [
    { type: 'text', text: 'This is a simulated model. It plans and carries out goals of the sandbox.' },
  ],
};

function searchBlocks(goal: string, family: Family): Block[] {
  const id = `srvtoolu_${createHash('sha256').update(goal).digest('hex').slice(0, 20)}`;
  const results = family.sources.map(({ title, url }) => ({
    type: 'web_search_result',
    title,
    url,
    encrypted_content: 'simulated',
    page_age: null,
  }));
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
    { type: 'web_search_tool_result', tool_use_id: id, content: results },
    { type: 'text', text: '**What matters** (simulated research)\n\n' },
    ...cited,
  ];
}

interface PlanJson {
  title: string;
  summary: string;
  steps: { title: string; detail: string }[];
  risks: string[];
  sources: { title: string; url: string }[];
}

/** A plan for the goal; with feedback, a revision in which the feedback shows. */
function planOf(prompt: string): PlanJson {
  const goal = /^Create an action plan for: ([\s\S]*?)\nContext: /.exec(prompt)?.[1]?.trim() ?? 'the goal';
  const feedback = [
    ...prompt.matchAll(/\n\nA person asked for these changes: ([\s\S]*?)\nWrite the new revision\./g),
  ].at(-1)?.[1];
  const family = familyOf(goal);
  const short = goal.length > 60 ? `${goal.slice(0, 59).trimEnd()}…` : goal;
  const plan: PlanJson = {
    title: short.charAt(0).toUpperCase() + short.slice(1),
    summary: family.summary,
    steps: family.steps.map(([title, detail]) => ({ title, detail })),
    risks: family.risks,
    sources: family.sources,
  };
  if (!feedback) return plan;
  const last = plan.steps.pop();
  return {
    ...plan,
    summary: `${plan.summary} Changed as asked: ${feedback.trim()}`,
    steps: [
      ...plan.steps,
      { title: 'Work in the requested change', detail: feedback.trim() },
      ...(last ? [last] : []),
    ],
  };
}

function planMarkdown({ title, summary, steps, risks }: PlanJson): string {
  const numbered = steps.map((step, index) => `${index + 1}. **${step.title}**: ${step.detail}`).join('\n');
  return `# ${title}\n\n${summary}\n\n${numbered}\n\n## Risks\n\n${risks.map((risk) => `- ${risk}`).join('\n')}`;
}
