import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../../platform/errors.js';
import { untilAborted, withTimeout } from '../../platform/with-timeout.js';
import { setGauge } from '../../telemetry/metrics.js';
import { warnOf } from '../../telemetry/warnings.js';
import { describeCost } from '../cost.js';
import { START_WITHIN_MS } from '../limits.js';
import type { Answer } from '../result.js';
import type { ServerSettings, ToolLog } from '../settings.js';
import { type Connection, connect } from './connection.js';
import { answerLost, ServerFailure, toolChanged, unavailable, unknownTool } from './failures.js';
import type { AskPeople } from './in-flight.js';
import type { RemoteTool } from './list-tools.js';
import { checkInput } from './schemas/check-input.js';
import { redact } from './transport/transport.js';

/** Pause before a server's restart, in milliseconds. It doubles with each failure. */
const RESTART_MS = 500;
const RESTART_MAX_MS = 60_000;
/** A server that ran this long is restarted at once, in milliseconds. */
const STABLE_MS = 60_000;

/**
 * Before a call that may change something, a list that is older than this is read anew, in milliseconds. Not every server says that its tools have
 * changed.
 */
const MAX_LIST_AGE_MS = 60_000;

export interface CallOptions {
  signal?: AbortSignal;
  /** The tool's definition when the call was decided about. A tool with another one is not called. */
  definition?: string | undefined;
  /** Lets the tool ask people while it is called. */
  ask?: AskPeople;
}

/** Starts a server, and restarts it whenever it ends. */
export function keepServer(settings: ServerSettings, log: ToolLog) {
  const { name } = settings;
  const stopped = new AbortController();
  let connection: Connection | undefined;
  let problem =
    settings.transport === 'none'
      ? new ServerFailure(settings.problem, { isTransient: false })
      : new ServerFailure('it is still starting.');
  let waiting = startWait();
  const redacted = (failure: ServerFailure) => failure.reworded(redact(failure.message, settings));

  /** Starts the server once, and waits for its end. Returns true when it ran for `STABLE_MS`. */
  const runOnce = async (): Promise<boolean> => {
    const over = new AbortController();
    const ended = AbortSignal.any([over.signal, stopped.signal]);
    const onEnd = (failure: ServerFailure) => {
      // The late end of an old connection must not affect the next one.
      if (ended.aborted) return;
      over.abort();
      problem = redacted(failure);
      if (!connection) return;
      log.warn({ server: name, reason: problem.message }, 'An MCP server is down and will be restarted');
      connection = undefined;
      setGauge('countersign.mcp.server.up', 0, { server: name });
      waiting = startWait();
    };
    const opened = await connect(settings, { log, signal: stopped.signal, onEnd });
    const startedAt = Date.now();
    connection = opened;
    setGauge('countersign.mcp.server.up', 1, { server: name });
    const tools = [...opened.tools().values()].map(({ spec }) => spec);
    log.info({ server: name, tools: tools.length }, `The MCP server ${name} is up: ${describeCost(tools)}`);
    waiting.done();
    if (!ended.aborted) await once(ended, 'abort');
    over.abort();
    connection = undefined;
    setGauge('countersign.mcp.server.up', 0, { server: name });
    await opened.close();
    return Date.now() - startedAt >= STABLE_MS;
  };
  const run = async () => {
    for (let failures = 0; !stopped.signal.aborted; failures += 1) {
      try {
        if (await runOnce()) failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) return;
        const before = problem.message;
        problem = redacted(error instanceof ServerFailure ? error : new ServerFailure(String(error)));
        if (problem.message !== before)
          log.warn({ server: name, reason: problem.message }, 'An MCP server is not available');
        waiting.done();
      }
      const waitMs = Math.min(RESTART_MS * 2 ** failures, RESTART_MAX_MS);
      await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => 'the service stops');
    }
  };
  setGauge('countersign.mcp.server.up', 0, { server: name });
  const running = settings.transport === 'none' ? waiting.done() : run();

  return {
    name,
    /** Callable tools by their names for the model; empty while the server is down. */
    tools: (): ReadonlyMap<string, RemoteTool> => connection?.tools() ?? new Map(),
    /** Tools that can't be offered, each with a reason; empty while the server is down. */
    leftOut: (): ReadonlyMap<string, string> => connection?.leftOut() ?? new Map(),
    /** Reason why the server is unavailable; undefined while it runs. */
    problem: () => (connection ? undefined : problem.message),
    /** Resolves when the server runs or its start failed, at most `START_WITHIN_MS` after its last end. */
    settled: () => waiting.settled,
    /** Brings the tools up to date, where the server said that they have changed. Without an answer the known ones stay. */
    async refresh(): Promise<void> {
      await withTimeout(
        START_WITHIN_MS,
        async () => connection?.refresh(),
        () => {},
      ).catch((error: unknown) => {
        // The known tools stay, and calls say what is wrong.
        const about = { server: name, reason: redact(reasonOf(error), settings) };
        warnOf('mcp-connection', undefined, 'The tools of an MCP server could not be listed again', about);
      });
    },
    /**
     * Makes a call. @throws RemoteError `ToolUnavailable`, `UnknownTool`, `ToolChanged`, `InvalidArguments` (not sent) or `AnswerLost`; the signal's
     * reason.
     */
    async call(
      toolName: string,
      input: Record<string, unknown>,
      { signal, definition, ask }: CallOptions = {},
    ): Promise<Answer> {
      for (let again = false; ; again = true) {
        // A call waits for a restarting server.
        await (signal ? untilAborted(waiting.settled, signal) : waiting.settled);
        const now = connection;
        if (!now) throw unavailable(name, problem);
        const isRead = now.tools().get(toolName)?.spec.readOnly ?? false;
        await now.refresh(isRead || definition === undefined ? undefined : MAX_LIST_AGE_MS).catch((cause) => {
          throw unavailable(name, new ServerFailure('it does not list its tools any more.', { cause }));
        });
        const tool = now.tools().get(toolName);
        if (!tool) throw unknownTool(toolName);
        if (definition !== undefined && definition !== tool.spec.definition)
          throw toolChanged(name, toolName);
        await checkInput(tool, input);
        try {
          return await now.call(tool, input, { signal, ask });
        } catch (error) {
          if (!(error instanceof ServerFailure)) throw error;
          const failure = redacted(error);
          if (failure.sent) throw answerLost(name, tool.name, failure.message);
          // The restarted server never saw the call, so calling again is safe.
          if (again || !failure.isTransient) throw unavailable(name, failure);
        }
      }
    },
    async close(): Promise<void> {
      stopped.abort();
      waiting.done();
      await running;
    },
  };
}

/** Starts a wait that ends when `done` is called, or after `START_WITHIN_MS`. */
function startWait(): { settled: Promise<void>; done(): void } {
  let done = () => {};
  const called = new Promise<void>((resolve) => {
    done = resolve;
  });
  return { done, settled: withTimeout(START_WITHIN_MS, () => called, done) };
}
