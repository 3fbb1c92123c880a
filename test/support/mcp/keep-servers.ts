import { setTimeout as pause } from 'node:timers/promises';
import { createToolbox } from '../../../src/tools/index.js';

/** A process that has MCP servers for children, for tests that kill it: `keep-servers.ts <settings as JSON>`. */
const silent = () => {};
const toolbox = createToolbox({
  servers: JSON.parse(process.argv[2] ?? '[]'),
  log: { debug: silent, info: silent, warn: silent },
});
while (toolbox.problems().length > 0) await toolbox.started().then(() => pause(50));
console.log(JSON.stringify(toolbox.servers()));
setInterval(silent, 1000);
