import { after, before, beforeEach } from 'node:test';
import { type SimulatedModel, startSimulatedModel } from '../../../sandbox/model/index.js';

/** Starts one simulated model for the tests of a file or a suite. Each test begins without faults, and without recorded requests. */
export function simulatedModelForTests(started: (model: SimulatedModel) => void): void {
  let simulated: SimulatedModel;
  before(async () => {
    simulated = await startSimulatedModel();
    started(simulated);
  });
  after(() => simulated.stop());
  beforeEach(() => {
    simulated.faults.clear();
    simulated.requests.length = 0;
  });
}
