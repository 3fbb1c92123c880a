import type { ParsedJson } from '../../platform/exact-json.js';

/** Limit for the nesting of arguments, in levels. Deeper ones would end functions that go through them. */
const MAX_DEPTH = 100;

/** Arguments of a call, as they may go on. `problem`: the reason why the call can't be made, for the model. */
export interface ReadInput {
  input: unknown;
  problem?: string;
}

/** Reads a call's arguments. An integer that a number can't hold becomes a text, so that the model still sees its own digits. */
export function readInput({ exact, rounded }: ParsedJson): ReadInput {
  const problem = findProblem(exact, rounded, []);
  if (!problem) return { input: exact };
  const message = `The call was not made, and nobody was asked about it: ${problem}`;
  return { input: problem === TOO_DEEP ? {} : exact, problem: message };
}

const TOO_DEEP = `its arguments are nested more than ${MAX_DEPTH} levels deep.`;

function findProblem(exact: unknown, rounded: unknown, path: string[]): string | undefined {
  if (typeof rounded === 'number' && typeof exact === 'string')
    return `${path.join('.')} is ${exact}, a number that JSON doesn't carry exactly everywhere. Send it as a string: "${exact}".`;
  if (typeof rounded !== 'object' || rounded === null) return undefined;
  if (path.length >= MAX_DEPTH) return TOO_DEEP;
  const exactParts = new Map(Object.entries(exact ?? {}));
  for (const [key, part] of Object.entries(rounded)) {
    const problem = findProblem(exactParts.get(key), part, [...path, key]);
    if (problem) return problem;
  }
  return undefined;
}
