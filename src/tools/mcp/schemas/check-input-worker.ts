import { parentPort } from 'node:worker_threads';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export interface CheckedInput {
  /** In JSON Schema 2020-12. */
  schema: Record<string, unknown>;
  input: Record<string, unknown>;
}

/** Integer that JavaScript's numbers can't hold, as a text. The model is told to send it so; the server may take it. */
const LONG_INTEGER = /^-?\d{16,}$/;

/** Says how arguments differ from a schema; null if they don't, or the schema is invalid. */
function findProblem({ schema, input }: CheckedInput): string | null {
  try {
    const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, logger: false });
    const validate = formats.default(ajv).compile(schema);
    if (validate(input)) return null;
    const problem = ajv.errorsText(validate.errors);
    return validate(toNumbers(input)) ? null : problem;
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
