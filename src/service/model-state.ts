import type { Model } from '../activities/ports.js';
import { RemoteError } from '../platform/errors.js';
import type { PartState } from './health.js';

/** Notes how the last call to the model went, so that nobody has to pay for a call that only asks. */
export function watchModel(model: Model): { model: Model; state(): PartState } {
  let state: PartState = { status: 'up' };
  const noting = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const answer = await call;
      state = { status: 'up' };
      return answer;
    } catch (error) {
      // A refused request says nothing about the model.
      if (error instanceof RemoteError && (error.retryable || error.operatorCanFix))
        state = { status: 'down', reason: error.message };
      throw error;
    }
  };
  return {
    model: {
      searchWeb: (...input) => noting(model.searchWeb(...input)),
      writePlan: (...input) => noting(model.writePlan(...input)),
      takeTurn: (...input) => noting(model.takeTurn(...input)),
    },
    state: () => state,
  };
}
