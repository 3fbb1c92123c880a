import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { installWarnings, missing, warnOf } from '../../src/telemetry/warnings.js';
import { recordMetrics } from '../support/telemetry/meter.js';

describe('an error that work goes on after', () => {
  const recorded = recordMetrics();
  let lines: { fields: Record<string, unknown>; message: string }[] = [];
  let now = 0;
  beforeEach(() => {
    lines = [];
    mock.method(performance, 'now', () => now);
    installWarnings({ warn: (fields, message) => void lines.push({ fields: fields as never, message }) });
  });
  afterEach(() => {
    mock.restoreAll();
    installWarnings(undefined);
  });
  const counted = (source: string) => recorded.values('countersign.warnings', { source }).length;

  it('is counted each time, and said once a minute with the number of the others', () => {
    const error = new Error('ECONNREFUSED');
    for (let times = 0; times < 500; times += 1)
      warnOf('card-check', error, 'not checked', { run: 'abcd2345' });
    assert.equal(lines.length, 1, 'an outage is no flood');
    assert.deepEqual(lines[0], {
      fields: { source: 'card-check', run: 'abcd2345', err: error },
      message: 'not checked',
    });
    now += 60_000;
    warnOf('card-check', error, 'not checked');
    assert.equal(lines.length, 2);
    assert.equal(lines[1]?.fields.alsoSince, 499);
    assert.equal(counted('card-check'), 501);
  });

  it('is said at once, whatever else is going wrong', () => {
    warnOf('home', new Error('one'), 'not drawn');
    warnOf('ledger-connection', new Error('two'), 'lost');
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['not drawn', 'lost'],
    );
  });

  it('leaves what goes on with another value', async () => {
    assert.equal(await Promise.reject(new Error('away')).catch(missing('unknown')), 'unknown');
    assert.equal(counted('look-up'), 1);
  });
});
