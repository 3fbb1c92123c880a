import type { Person } from '../../approval/person.js';
import type { ToolRule } from '../../approval/policy.js';

/** A tool as the model sees it. */
export interface ToolSpec {
  /** The model's name for it: `server__tool`, or a built-in tool's name. Letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** Other spellings of the name, for rules: the server's own full name, and both with look-alikes folded. Unset: there is no other. */
  aliases?: string[];
  description: string;
  /** JSON Schema of its input, an object. */
  inputSchema: Record<string, unknown>;
  /** True if its server declares it read-only (MCP's `readOnlyHint`). */
  readOnly: boolean;
  /** Set if its server declares that it may destroy something (MCP's `destructiveHint`). */
  destructive?: true;
  /** SHA-256 of its server's description of it: name, schema, annotations. Unset for built-in tools. */
  definition?: string;
}

/** A tool call that the model asks for. */
export interface ToolCall {
  /** Id from the model. */
  id: string;
  name: string;
  /** Other spellings of the tool's name, as in its spec. */
  aliases?: string[];
  /** The arguments, without the call's metadata (sentence, step and reason). */
  input: Record<string, unknown>;
  /** SHA-256 of `canonicalCall`, in hex. A button carries it, and the activity checks it again. */
  digest: string;
  /** The model's own words for what it does. Hostile text may have steered them, so people see the arguments beside them. */
  sentence?: string;
  /** Number of the plan's step to which it belongs, from 1. */
  step?: number;
  /** The model's reason for it. */
  reason?: string;
  readOnly: boolean;
  /** As in the tool's spec. */
  destructive?: true;
  /** Set if people have edited its arguments. */
  edited?: EditedCall;
  /** The tool's definition when the model asked for the call, as in its spec. */
  definition?: string;
  /** Rule of the policy file when the model asked for the call, where it differs from the run's and is no laxer. */
  ruleNow?: ToolRule;
  /** False if no tool has this name. */
  known: boolean;
  /** Reason why it can't be made as the model wrote it, for the model; nobody is asked about it. */
  problem?: string;
}

/** An edit of a call by people. `from`: the model's own arguments. */
export interface EditedCall {
  by: Person[];
  from: Record<string, unknown>;
}

/** One content block in the Messages API's format. It goes back to the model unchanged. */
export type ContentBlock = { type: string } & Record<string, unknown>;

export interface ToolResult {
  /** Text and image blocks, as the Messages API takes them in a `tool_result`. */
  content: ContentBlock[];
  isError: boolean;
  /** Set when the output exceeded the limit. */
  cut?: boolean;
}

/** True if a glob matches the whole name. Runs in linear time, so that no pattern can block the run. */
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

/** The part of a call that people decide about: its tool, its arguments, and all that its message says of it. */
export type ShownCall = Pick<ToolCall, 'name' | 'input'> &
  Partial<
    Pick<ToolCall, 'sentence' | 'step' | 'reason' | 'readOnly' | 'destructive' | 'edited' | 'definition'>
  >;

/** A call as one string, independent of the order of keys. Equal calls have equal strings, and so equal digests. */
export function canonicalCall(call: ShownCall): string {
  const { name, input, sentence, step, reason, readOnly, destructive, edited, definition } = call;
  const shown = { sentence, step, reason, readOnly, destructive, edited, definition };
  return JSON.stringify([name, sortKeys(input), sortKeys(shown)]);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}

/** Text of a tool's answer, for people. */
export function textOf({ content }: Pick<ToolResult, 'content'>): string {
  return content
    .map((block) =>
      block.type === 'text' && typeof block.text === 'string' ? block.text : `[${block.type}]`,
    )
    .join('\n');
}
