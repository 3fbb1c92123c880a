import { createCallLlm } from './call-llm.js';
import { createPersistCheckpoint } from './persist-checkpoint.js';
import type { Ledger, Messenger, Model } from './ports.js';
import { createSearchWeb } from './search-web.js';
import { createSlackActivities } from './slack.js';
import type { Activities } from './types.js';

/** The activities, bound to the outside world they are given. */
export function createActivities(world: { model: Model; messenger: Messenger; ledger: Ledger }): Activities {
  return {
    searchWeb: createSearchWeb(world.model),
    callLlm: createCallLlm(world.model),
    persistCheckpoint: createPersistCheckpoint(world.ledger),
    ...createSlackActivities(world.messenger),
  };
}
