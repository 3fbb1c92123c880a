import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/index.js';
import { quietRuntime } from '../temporal/quiet-runtime.js';
import { startWorkers } from '../temporal/workers.js';
import { waitingCard } from './votes.js';
import { createWorld } from './world.js';
import { WRITE, worldThatWrites } from './writing-world.js';

/**
 * Run as a process of its own, to be killed: works on a task queue. Its calls of one kind never end. It tells the parent when such a call begins, and
 * sends the card that waits.
 */
const [address = '', namespace = '', taskQueue = '', hangsIn = ''] = process.argv.slice(2);
const hang = (): Promise<never> => {
  process.send?.('in the call');
  return new Promise(() => {});
};

quietRuntime();
const world = hangsIn === 'change' ? worldThatWrites() : createWorld();
if (hangsIn === 'search') world.model.searchWeb = hang;
world.answers.set(WRITE, hang);
const connection = await NativeConnection.connect({ address });
await startWorkers({ connection, namespace, taskQueue, activities: createActivities(world) });
// A search that hangs lets no card come.
if (hangsIn !== 'search') process.send?.(await waitingCard(world));
