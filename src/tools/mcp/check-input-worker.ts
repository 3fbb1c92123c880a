import { parentPort } from 'node:worker_threads';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

export interface CheckedInput {
  schema: Record<string, unknown>;
  input: Record<string, unknown>;
}

/** Integer that JavaScript's numbers can't hold, as a text. The model is told to send it so; the server may take it. */
const LONG_INTEGER = /^-?\d{16,}$/;

/** Says how arguments differ from a schema; null if they don't, or the schema is invalid. */
function findProblem({ schema, input }: CheckedInput): string | null {
  try {
    const validate = new AjvJsonSchemaValidator().getValidator(schema);
    const { valid, errorMessage } = validate(input);
    return valid || validate(toNumbers(input)).valid ? null : errorMessage;
  } catch {
    return null;
  }
}

function toNumbers(input: object): unknown {
  return JSON.parse(JSON.stringify(input), (_, value) =>
    typeof value === 'string' && LONG_INTEGER.test(value) ? Number(value) : value,
  );
}

parentPort?.on('message', (question: CheckedInput) => parentPort?.postMessage(findProblem(question)));
parentPort?.postMessage('ready');
