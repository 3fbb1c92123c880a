import { parentPort, workerData } from 'node:worker_threads';
import { pdfToText } from './pdf-to-text.js';

const { bytes, maxChars } = workerData as { bytes: Uint8Array; maxChars: number };
parentPort?.postMessage(await pdfToText(bytes, maxChars));
