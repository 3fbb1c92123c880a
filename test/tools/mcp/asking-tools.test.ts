import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { ToolAnswer, ToolQuestion } from '../../../src/run/execution/tool-question.js';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox, type Toolbox } from '../../../src/tools/index.js';
import { callTool } from '../../../src/tools/mcp/call.js';
import { answerForm } from '../../../src/tools/mcp/elicitation.js';
import { callsOf } from '../../../src/tools/mcp/in-flight.js';
import { Patience } from '../../../src/tools/mcp/patience.js';
import { startAskingServer } from '../../support/mcp/asking-server.js';

const typed = (text: string): ToolAnswer => ({ kind: 'answered', text });
const option = (index: number, text = ''): ToolAnswer => ({ kind: 'answered', option: index, text });

describe('a tool that asks back', () => {
  let server: Awaited<ReturnType<typeof startAskingServer>>;
  let toolbox: Toolbox;
  before(async () => {
    server = await startAskingServer();
    toolbox = createToolbox({ servers: [server.settings], log: { debug() {}, info() {}, warn() {} } });
    for (let tries = 0; toolbox.problems().length > 0 && tries < 600; tries += 1) await pause(50);
  });
  after(async () => {
    await toolbox.close();
    server.stop();
  });
  afterEach(() => {
    server.waits.ms = 60_000;
  });

  const book = async (...answers: ToolAnswer[]) => {
    const asked: ToolQuestion[] = [];
    const ask = async (question: ToolQuestion) => {
      asked.push(question);
      return answers[asked.length - 1] ?? ({ kind: 'unanswered' } as const);
    };
    const result = await toolbox.call('asking__book', {}, { ask });
    return { asked, answer: JSON.parse(textOf(result)) };
  };

  it('has its form put to people field by field, and gets the answers in the call that waits', async () => {
    const { asked, answer } = await book(option(1), typed('2'));
    assert.deepEqual(answer, { action: 'accept', content: { seat: 'aisle', bags: 2 } });
    assert.match(asked[0]?.text ?? '', /^Which seat shall it be\?\n\nSeat \(1 of 2\)$/);
    assert.deepEqual([asked[0]?.options, asked[0]?.freeText], [['window', 'aisle'], false]);
    assert.deepEqual([asked[1]?.options, asked[1]?.freeText], [['Leave it out'], true]);
  });

  it('has a field asked again when the answer doesn’t fit, and gets none that doesn’t', async () => {
    const { asked, answer } = await book(option(0), typed('many'), typed('9'), typed('3'));
    assert.match(asked[2]?.text ?? '', /^“many” doesn't fit: it must be integer/);
    assert.match(asked[3]?.text ?? '', /^“9” doesn't fit: it must be <= 3/);
    assert.deepEqual(answer.content, { seat: 'window', bags: 3 });
    assert.equal((await book(option(0), typed('x'), typed('y'), typed('z'))).answer.action, 'cancel');
  });

  it('hears truthfully that somebody declined, that nobody answered, and of a field that was left out', async () => {
    assert.equal((await book({ kind: 'declined' })).answer.action, 'decline');
    assert.equal((await book()).answer.action, 'cancel');
    assert.deepEqual((await book(option(0), option(0))).answer.content, { seat: 'window' });
  });

  it('is answered in the right one of two calls side by side', async () => {
    const calls = ['window', 'aisle'].map(async (seat, index) => {
      const ask = async (question: ToolQuestion) => {
        await pause(50);
        return question.freeText ? option(0) : option(index);
      };
      const result = await toolbox.call('asking__book', {}, { ask });
      assert.equal(JSON.parse(textOf(result)).content.seat, seat);
    });
    await Promise.all(calls);
  });

  it('gets no answer where nobody can be asked', async () => {
    assert.equal(JSON.parse(textOf(await toolbox.call('asking__book', {}))).action, 'cancel');
  });

  it('takes its question back when it waits no longer', async () => {
    server.waits.ms = 300;
    const withdrawn = new Promise<void>((resolve) => {
      const ask = (_: ToolQuestion, signal: AbortSignal) =>
        new Promise<ToolAnswer>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            resolve();
            reject(signal.reason);
          });
        });
      toolbox.call('asking__book', {}, { ask }).then(({ isError }) => assert.equal(isError, true));
    });
    await withdrawn;
  });
});

describe('the reference server, over stdio', () => {
  it('asks for what it must know first, and the rest may be left out at once', async () => {
    const path = '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js';
    const args = [fileURLToPath(new URL(path, import.meta.url))];
    const toolbox = createToolbox({
      servers: [{ name: 'everything', transport: 'stdio', command: process.execPath, args, env: {} }],
      log: { debug() {}, info() {}, warn() {} },
    });
    for (let tries = 0; toolbox.problems().length > 0 && tries < 600; tries += 1) await pause(50);
    const asked: ToolQuestion[] = [];
    const ask = async (question: ToolQuestion): Promise<ToolAnswer> => {
      asked.push(question);
      if (asked.length === 1) return typed('Ana');
      return option(question.options.indexOf(asked.length === 2 ? 'Yes' : 'Leave it and the rest out'));
    };
    const result = await toolbox.call('everything__trigger-elicitation-request', {}, { ask });
    await toolbox.close();
    assert.match(textOf(result), /Ana/);
    assert.match(textOf(result), /"check": true/);
    assert.deepEqual([asked.length, asked[1]?.options[0]], [3, 'Yes']);
  });
});

it('a question after a call was given up is not taken for one of another call', async () => {
  const client = {
    transport: {},
    request: (_: unknown, __: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  } as unknown as Client;
  const given = new AbortController();
  const call = callTool(client, { name: 'book', arguments: {} }, { signal: given.signal });
  given.abort(new Error('cancelled'));
  await assert.rejects(call, /cancelled/);
  const next = callTool(client, { name: 'book', arguments: {} }, { timeoutMs: 100 });
  assert.equal(callsOf(client).size, 2, 'nobody knows which of the two asks');
  await assert.rejects(next, /did not answer/);
});

describe('a form', () => {
  const ask = (properties: object, ...answers: ToolAnswer[]) => {
    const asked: ToolQuestion[] = [];
    const requestedSchema = { type: 'object', properties, required: Object.keys(properties) };
    const form = { message: 'Please say', requestedSchema } as Parameters<typeof answerForm>[0];
    const put = async (question: ToolQuestion) => {
      asked.push(question);
      return answers[asked.length - 1] ?? ({ kind: 'unanswered' } as const);
    };
    return answerForm(form, put).then((result) => ({ ...result, asked }));
  };

  it('may have no field, and asks for consent then', async () => {
    assert.deepEqual((await ask({}, option(0))).content, {});
    assert.equal((await ask({}, { kind: 'declined' })).action, 'decline');
  });

  it('takes yes and no, names of values, lists, defaults and addresses', async () => {
    const fields = {
      sure: { type: 'boolean' },
      size: {
        type: 'string',
        oneOf: [
          { const: 's', title: 'Small' },
          { const: 'l', title: 'Large' },
        ],
      },
      tags: {
        type: 'array',
        items: {
          anyOf: [
            { const: 'a', title: 'Apple' },
            { const: 'b', title: 'Pear' },
          ],
        },
      },
      city: { type: 'string', default: 'Bern' },
      mail: { type: 'string', format: 'email' },
    };
    const { content, asked } = await ask(
      fields,
      ...[option(1), option(1), typed('pear, A'), option(0), typed('nobody'), typed('ana@example.com')],
    );
    assert.deepEqual(content, {
      sure: false,
      size: 'l',
      tags: ['b', 'a'],
      city: 'Bern',
      mail: 'ana@example.com',
    });
    assert.match(asked[2]?.text ?? '', /One of: Apple, Pear\. Several are separated by commas\./);
    assert.deepEqual(asked[3]?.options, ['Use "Bern"']);
    assert.match(asked[5]?.text ?? '', /“nobody” doesn't fit.*email/);
  });

  it('of more than twenty fields is not put to people', async () => {
    const fields = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`f${at}`, { type: 'string' }]));
    const { action, asked } = await ask(fields);
    assert.deepEqual([action, asked.length], ['cancel', 0]);
  });
});

describe('the time-out of a call', () => {
  it('stands still while people are asked', async () => {
    const patience = new Patience(200);
    const ask = patience.pausedBy(async () => {
      await pause(500);
      return typed('late');
    });
    assert.deepEqual(
      await ask({ text: '', options: [], freeText: true }, new AbortController().signal),
      typed('late'),
    );
    assert.equal(patience.signal.aborted, false);
    await pause(300);
    assert.equal(patience.signal.aborted, true);
  });

  it('puts one question after the other, and not without end', async () => {
    const [patience, { signal }] = [new Patience(60_000), new AbortController()];
    let [open, most, asked] = [0, 0, 0];
    const ask = patience.pausedBy(async () => {
      open += 1;
      asked += 1;
      most = Math.max(most, open);
      await pause(1);
      open -= 1;
      return typed('again?');
    });
    const question = { text: '', options: [], freeText: true };
    const answers = await Promise.all(Array.from({ length: 80 }, () => ask(question, signal)));
    patience.end();
    assert.deepEqual([most, asked, answers.at(-1)], [1, 60, { kind: 'unanswered' }]);
  });
});
