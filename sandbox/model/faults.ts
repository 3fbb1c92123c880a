import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from './request.js';
import { errorBody, sendEvent, sendJson, startStream } from './send.js';
import type { RefusalDetails } from './stops.js';

/** A fault that can be injected into the model. */
export type ModelFault = {
  /** @default 1 */
  times?: number;
  /** Task of the affected requests. @default any */
  match?: Task;
  /** Number of the affected turn in its conversation, from 1. @default any */
  turn?: number;
  /** @default any */
  model?: string;
} & (
  | {
      kind: 'error';
      status: number;
      type?: string;
      message?: string;
      /** Code in the error's details. */
      code?: string;
      retryAfterS?: number;
    }
  | { kind: 'reset' | 'hang' | 'cut-stream' | 'error-mid-stream' }
  /** The answer begins after `beforeMs`, and takes `overMs` from then on. */
  | { kind: 'slow'; beforeMs?: number; overMs?: number }
  /** The answer stops for this reason and has the matching content: cut in its last block, paused in a search, or empty for a refusal. */
  | { kind: 'stop-reason'; reason: string; details?: RefusalDetails }
  /** The answer is this text alone. */
  | { kind: 'says'; text: string }
  /** The model thinks for so many tokens before it writes. */
  | { kind: 'thinks'; tokens: number }
  /** The answer is as some models and gateways write it: blank text, and every call under one id. */
  | { kind: 'odd-answer' }
);

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export class ModelFaults {
  #waiting: { fault: ModelFault; left: number }[] = [];

  /** Returns what takes the fault away again, however often it struck. */
  inject(fault: ModelFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  take(task: Task, turn: number, model: string): ModelFault | undefined {
    const hit = this.#waiting.find(
      ({ fault }) =>
        (fault.match ?? task) === task && (fault.turn ?? turn) === turn && (fault.model ?? model) === model,
    );
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#waiting.splice(this.#waiting.indexOf(hit), 1);
    return hit.fault;
  }
}

/** Applies a fault. Returns true when the fault is the whole answer. */
export async function strike(
  fault: ModelFault,
  request: IncomingMessage,
  response: ServerResponse,
  streaming: boolean,
): Promise<boolean> {
  switch (fault.kind) {
    case 'error': {
      const type = fault.type ?? TYPES[fault.status] ?? 'api_error';
      const headers = fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) };
      const body = errorBody(type, fault.message ?? `Simulated ${type}`, fault.code);
      sendJson(response, fault.status, body, headers);
      return true;
    }
    case 'reset':
      request.socket.destroy();
      return true;
    case 'hang':
      await new Promise((resolve) => response.once('close', resolve));
      return true;
    case 'cut-stream':
    case 'error-mid-stream':
      if (!streaming) return false;
      await startStream(response);
      if (fault.kind === 'error-mid-stream')
        sendEvent(response, 'error', errorBody('overloaded_error', 'Overloaded'));
      response.end();
      return true;
    case 'slow':
      await delay(fault.beforeMs ?? 0);
      return response.destroyed;
    case 'stop-reason':
    case 'says':
    case 'thinks':
    case 'odd-answer':
      return false;
  }
}
