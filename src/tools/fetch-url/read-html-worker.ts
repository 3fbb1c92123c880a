import { parentPort, workerData } from 'node:worker_threads';
import { htmlToMarkdown } from './to-markdown.js';

const { html, url } = workerData as { html: string; url: string };
parentPort?.postMessage(htmlToMarkdown(html, url));
