import { setTimeout as delay } from 'node:timers/promises';
import { startDevServer } from './temporal.js';

/** Run as a process of its own, to be killed: starts a dev server, prints its process id, and waits. */
const { pid } = await startDevServer();
console.log(pid);
await delay(60_000);
