import type { EventData, RunEvent } from '../../../src/run/event.js';
import { decision } from '../samples.js';
import type { Step } from './events.js';

export const ended = (end: EventData['ended'] = { state: 'expired' }): RunEvent => ({
  kind: 'ended',
  data: end,
});

export const completed = ended({ state: 'completed', result: 'It is done.', decision: decision() });

export const failed = ended({ state: 'failed', failure: { step: 'plan', code: 'Refused', message: 'No.' } });

export const gone: Step = [ended({ state: 'gone', why: 'terminated' }), 'gone/execution'];
