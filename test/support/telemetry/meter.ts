import { after, before } from 'node:test';
import { installMetrics, type Meter, uninstallMetrics } from '../../../src/telemetry/metrics.js';

/** Values of each set of labels, by the metric's name and the labels. */
export type Recorded = Map<string, number[]>;

/** Starts the metrics with a meter that remembers all values, for the tests of the suite. */
export function recordMetrics(): {
  values(name: string, labels?: Record<string, string>): number[];
  all(): string[];
} {
  const recorded: Recorded = new Map();
  const keyOf = (name: string, tags: Record<string, string> = {}) =>
    `${name} ${JSON.stringify(Object.entries(tags).sort())}`;
  const write = (name: string) => (value: number, tags?: Record<string, string>) => {
    const key = keyOf(name, tags);
    recorded.set(key, [...(recorded.get(key) ?? []), value]);
  };
  const meter: Meter = {
    createCounter: (name) => ({ add: write(name) }),
    createGauge: (name) => ({ set: write(name) }),
    createHistogram: (name) => ({ record: write(name) }),
  };
  before(() => installMetrics(meter, 'otlp'));
  after(uninstallMetrics);
  return {
    values: (name, labels) => (recorded.get(keyOf(name, labels)) ?? []).filter((value) => value !== 0),
    all: () => [...recorded.keys()],
  };
}
