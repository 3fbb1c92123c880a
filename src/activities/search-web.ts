import { beating } from './beat.js';
import { withFailures } from './failures.js';
import type { Model } from './ports.js';
import type { Activities } from './types.js';

export function createSearchWeb(model: Model): Activities['searchWeb'] {
  return ({ goal }) => withFailures(() => beating((signal) => model.searchWeb(goal, { signal })));
}
