import { createHash } from 'node:crypto';
import { canonicalCall } from '../../run/execution/tools.js';

/** SHA-256 of a tool as its server describes it, in hex. It shows whether a tool is still the one that people decided about. */
export function definitionOf(tool: {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
  annotations?: Record<string, unknown> | undefined;
}): string {
  const { name, title, description, inputSchema, annotations = {} } = tool;
  const parts = { title, description, inputSchema, annotations };
  return createHash('sha256')
    .update(canonicalCall({ name, input: parts }))
    .digest('hex');
}
