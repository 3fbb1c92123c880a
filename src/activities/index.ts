import { createCallLlm, digestPlan } from './call-llm.js';
import { createCallTool } from './call-tool.js';
import { createLookUpMembership } from './look-up-membership.js';
import { createPersistCheckpoint } from './persist-checkpoint.js';
import type { Directory, Ledger, Messenger, Model, Toolbox } from './ports.js';
import { runActivity } from './run-activity.js';
import { createSlackActivities } from './slack.js';
import type { Activities } from './types.js';

/** The outside world, as the activities need it. */
export interface World {
  model: Model;
  messenger: Messenger;
  directory: Directory;
  ledger: Ledger;
  toolbox: Toolbox;
}

/** The activities, bound to the outside world they are given. */
export function createActivities({ model, messenger, directory, ledger, toolbox }: World): Activities {
  return {
    searchWeb: ({ goal }) => runActivity((signal) => model.searchWeb(goal, signal)),
    callLlm: createCallLlm(model, toolbox),
    callTool: createCallTool(toolbox),
    digestPlan,
    lookUpMembership: createLookUpMembership(directory),
    persistCheckpoint: createPersistCheckpoint(ledger),
    ...createSlackActivities(messenger),
  };
}
