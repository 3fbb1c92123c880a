import { createCallLlm, digestPlan } from './call-llm.js';
import { createLookUp } from './look-up.js';
import { createPersistCheckpoint } from './persist-checkpoint.js';
import type { Directory, Ledger, Messenger, Model } from './ports.js';
import { createSearchWeb } from './search-web.js';
import { createSlackActivities } from './slack.js';
import type { Activities } from './types.js';

/** The outside world, as the activities need it. */
export interface World {
  model: Model;
  messenger: Messenger;
  directory: Directory;
  ledger: Ledger;
}

/** The activities, bound to the outside world they are given. */
export function createActivities({ model, messenger, directory, ledger }: World): Activities {
  return {
    searchWeb: createSearchWeb(model),
    callLlm: createCallLlm(model),
    digestPlan,
    lookUp: createLookUp(directory),
    persistCheckpoint: createPersistCheckpoint(ledger),
    ...createSlackActivities(messenger),
  };
}
