import { setTimeout as pause } from 'node:timers/promises';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { RemoteError } from '../../errors.js';
import { abortable } from '../abortable.js';
import { START_WITHIN_MS } from '../limits.js';
import type { Answer } from '../result.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { NoAnswer } from './call.js';
import { type Connection, connect, NotStarted } from './connection.js';
import { answerLost, type Problem, unavailable, unknownTool } from './failures.js';
import type { RemoteTool } from './list-tools.js';
import { hide } from './transport.js';

/** A server that is kept: started once, and again whenever it dies. */
export interface Server {
  name: string;
  /** What can be called now, by the names that the model is offered; empty while it is down. */
  tools(): ReadonlyMap<string, RemoteTool>;
  /** Why it can't be used now; undefined while it runs. */
  problem(): string | undefined;
  /** Resolves when it runs, or when it is clear that it won't soon: within `START_WITHIN_MS` of its last end. */
  settled(): Promise<void>;
  /** @throws RemoteError `ToolUnavailable`, `InvalidArguments` (nothing happened) or `AnswerLost`; the signal's reason. */
  call(name: string, input: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** The pause before a server is started again, in milliseconds: it doubles with each failure. */
const RESTART_MS = 500;
const RESTART_MAX_MS = 60_000;
/** Who ran this long, in milliseconds, is started again at once. */
const STABLE_MS = 60_000;

export function keepServer(settings: ServerSettings, log: ToolLog): Server {
  const { name } = settings;
  const stopped = new AbortController();
  let connection: Connection | undefined;
  let problem: Problem = { reason: 'it has not come up yet; it is still being started.', passes: true };
  let waiting = startWait();
  let endLife: () => void = () => {};
  const failWith = ({ reason, passes }: Problem) => {
    problem = { reason: hide(reason, settings), passes };
  };

  /** One life of the server, from its start to its end. Returns whether it was a long one. */
  const live = async (): Promise<boolean> => {
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      endLife = resolve;
    });
    const onEnd = (why: Problem) => {
      // What an old connection finds out late says nothing of the next one.
      if (isOver || stopped.signal.aborted) return;
      isOver = true;
      failWith(why);
      if (connection) {
        log.warn({ server: name, reason: problem.reason }, 'An MCP server is down; it is started again');
        connection = undefined;
        waiting = startWait();
      }
      endLife();
    };
    const opened = await connect(settings, { log, signal: stopped.signal, onEnd });
    const startedAt = Date.now();
    connection = opened;
    log.info({ server: name, tools: opened.tools().size }, 'An MCP server is up');
    waiting.done();
    await over;
    isOver = true;
    connection = undefined;
    await opened.close();
    return Date.now() - startedAt >= STABLE_MS;
  };
  const run = async () => {
    for (let failures = 0; !stopped.signal.aborted; failures += 1) {
      try {
        if (await live()) failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) return;
        failWith(error instanceof NotStarted ? error.problem : { reason: String(error), passes: true });
        if (failures === 0)
          log.warn({ server: name, reason: problem.reason }, 'An MCP server is not available');
        waiting.done();
      }
      const waitMs = Math.min(RESTART_MS * 2 ** failures, RESTART_MAX_MS);
      await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => 'the service stops');
    }
  };
  let running = Promise.resolve();
  if (settings.transport === 'none') {
    problem = { reason: settings.problem, passes: false };
    waiting.done();
  } else running = run();

  /** The connection, once it is there; a server that is just being started again is waited for. */
  const reach = async (signal?: AbortSignal): Promise<Connection> => {
    await (signal ? abortable(waiting.settled, signal) : waiting.settled);
    if (!connection) throw unavailable(name, problem);
    return connection;
  };

  return {
    name,
    tools: () => connection?.tools() ?? new Map(),
    problem: () => (connection ? undefined : problem.reason),
    settled: () => waiting.settled,
    async call(toolName, input, signal) {
      for (let again = false; ; again = true) {
        const now = await reach(signal);
        const tool = now.tools().get(toolName);
        if (!tool) throw unknownTool(toolName);
        checkInput(tool, input);
        try {
          return await now.call(tool, input, signal);
        } catch (error) {
          if (!(error instanceof NoAnswer)) throw error;
          const { lost } = error;
          if (lost.sent) throw answerLost(name, tool.name, hide(lost.why, settings));
          // It was restarted in the meantime and knows nothing of us: nothing was done, so a second call is the first.
          if (again || !lost.problem.passes) throw unavailable(name, lost.problem);
        }
      }
    },
    async close() {
      stopped.abort();
      waiting.done();
      endLife();
      await running;
    },
  };
}

/** A wait that ends when somebody says so, or by itself. */
function startWait(): { settled: Promise<void>; done(): void } {
  let done: () => void = () => {};
  const settled = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, START_WITHIN_MS);
    done = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { settled, done };
}

/**
 * Refuses arguments that don't match the tool's schema before anything is sent. A schema that can't be compiled refuses nothing: the
 * server will.
 */
function checkInput({ spec, inputSchema }: RemoteTool, input: Record<string, unknown>): void {
  let validate: ReturnType<AjvJsonSchemaValidator['getValidator']>;
  try {
    validate = new AjvJsonSchemaValidator().getValidator(inputSchema);
  } catch {
    return;
  }
  const { valid, errorMessage } = validate(input);
  if (valid) return;
  throw new RemoteError(
    'InvalidArguments',
    `The arguments of ${spec.name} don't match its schema, so it was not called: ${errorMessage}`,
    { retryable: false },
  );
}
