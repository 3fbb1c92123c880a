import { parentPort, workerData } from 'node:worker_threads';
import { toReadable } from './to-markdown.js';

const { html, url } = workerData as { html: string; url: string };
parentPort?.postMessage(toReadable(html, url));
