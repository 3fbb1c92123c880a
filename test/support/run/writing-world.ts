import { createWorld, type World } from './world.js';

/** Tool that may change something. */
export const WRITE = 'write';

/** A world in which the model makes one call that may change something. */
export function worldThatWrites(): World {
  const world = createWorld();
  world.tools.push({ name: WRITE, description: '', inputSchema: { type: 'object' }, readOnly: false });
  world.turns.push({ calls: [{ id: 'a', name: WRITE, input: {} }] });
  return world;
}
