import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { answer, toJson } from './quirks.js';

/** The server of quirks over stdio. It says hello on its output, and begins with a byte order mark. Calls are lines in the file it is given. */
const [file = ''] = process.argv.slice(2);
process.stdout.write('\uFEFFQuirk server 1.0, ready\n');
let isFirst = true;
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = JSON.parse(line);
    if (message.method === 'tools/call') appendFileSync(file, `${message.params.name}\n`);
    const said = answer(message);
    if (!said) return;
    const noise = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"hi"}}';
    const isList = message.params?.name === 'in_a_list';
    process.stdout.write(
      `${isFirst ? '\uFEFF' : ''}${isList ? `[${noise},${toJson(said)}]` : toJson(said)}\r\n`,
    );
    isFirst = false;
  })
  .on('close', () => process.exit(0));
