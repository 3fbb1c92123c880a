import type { Rule, ToolRule } from '../../approval/policy.js';

/** A tool as the model is offered it. */
export interface ToolSpec {
  /** The model's name for it: `server__tool`, or a built-in tool's name. Letters, digits, `_` and `-`, 64 at most. */
  name: string;
  description: string;
  /** JSON Schema of its input, an object. */
  inputSchema: Record<string, unknown>;
  /** Its server says that it changes nothing (MCP's `readOnlyHint`). */
  readOnly: boolean;
}

/** A tool call that the model asks for. */
export interface ToolCall {
  /** The model's id of it. */
  id: string;
  name: string;
  /** The arguments, without the call's metadata (step and reason). */
  input: Record<string, unknown>;
  /** SHA-256 of `canonicalCall`, in hex: a button carries it, and the activity checks it again. */
  digest: string;
  /** Which step of the plan it belongs to, from 1. */
  step?: number;
  /** Why the model wants it, in its own words. */
  reason?: string;
  readOnly: boolean;
  /** There is such a tool. */
  known: boolean;
}

/** One content block in the Messages API's own shape: it goes back to the model as it came. */
export type ContentBlock = { type: string } & Record<string, unknown>;

/** A tool's answer. */
export interface ToolResult {
  /** Text and image blocks, as the Messages API takes them in a `tool_result`. */
  content: ContentBlock[];
  isError: boolean;
  /** Set when the output was longer than the limit. */
  cut?: boolean;
}

/** The rule that holds for a tool: the first that matches its name; else reading is allowed, and anything else is asked about. */
export function ruleFor(
  rules: readonly ToolRule[],
  { name, readOnly }: Pick<ToolSpec, 'name' | 'readOnly'>,
): Rule {
  const own = rules.find(({ match }) => matches(match, name));
  return own?.rule ?? (readOnly ? 'allow' : 'ask');
}

/** Tells whether a glob matches the whole of a name. Linear, so that no pattern can hang the run. */
export function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === name;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** A call as one string, independent of the order of keys: two calls share a digest exactly when they do the same. */
export function canonicalCall(name: string, input: Record<string, unknown>): string {
  return JSON.stringify([name, sortKeys(input)]);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}

/** The text of a tool's answer, for people. */
export function textOf({ content }: Pick<ToolResult, 'content'>): string {
  return content
    .map((block) =>
      block.type === 'text' && typeof block.text === 'string' ? block.text : `[${block.type}]`,
    )
    .join('\n');
}
