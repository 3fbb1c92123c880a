import type { Model } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

export function createSearchWeb(model: Model): Activities['searchWeb'] {
  return ({ goal }) => runActivity((signal) => model.searchWeb(goal, signal));
}
