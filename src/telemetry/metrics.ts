import { type LabelsOf, METRICS, type Metric, type MetricName, type NameOf } from './metric-names.js';

type Tags = Record<string, string>;

/** Meter of the process, as Temporal's runtime offers it. */
export interface Meter {
  createCounter(name: string, unit?: string, about?: string): { add(value: number, tags?: Tags): void };
  createGauge(
    name: string,
    type: 'float',
    unit?: string,
    about?: string,
  ): { set(value: number, tags?: Tags): void };
  createHistogram(
    name: string,
    type: 'float',
    unit?: string,
    about?: string,
  ): { record(value: number, tags?: Tags): void };
}

/** Form of the names: OpenTelemetry's own, or as Prometheus has them. */
export type NameForm = 'otlp' | 'prometheus';

/** Limit for the different sets of labels of one metric. Others are counted together, so that nothing from outside fills the memory. */
const MAX_SERIES = 400;
const OTHER = 'other';

type Write = (value: number, labels: Tags) => void;

let writers: Map<MetricName, Write> | undefined;

/** Starts the metrics of this process. Without it, nothing is counted and a call costs nothing. */
export function installMetrics(meter: Meter, form: NameForm): void {
  const found = new Map<MetricName, Write>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const write = bounded(writerOf(meter, name, form), form);
    found.set(name, write);
    for (const labels of knownLabels(METRICS[name])) write(0, labels);
  }
  writers = found;
}

/** Ends the metrics of this process. */
export function uninstallMetrics(): void {
  writers = undefined;
}

/** True if metrics are kept. Only work that is done for a metric alone needs to ask. */
export function hasMetrics(): boolean {
  return writers !== undefined;
}

export function count<Name extends NameOf<'counter'>>(name: Name, labels?: LabelsOf<Name>, by = 1): void {
  writers?.get(name)?.(by, { ...labels });
}

export function measure<Name extends NameOf<'histogram'>>(
  name: Name,
  value: number,
  labels?: LabelsOf<Name>,
): void {
  writers?.get(name)?.(value, { ...labels });
}

export function setGauge<Name extends NameOf<'gauge'>>(
  name: Name,
  value: number,
  labels?: LabelsOf<Name>,
): void {
  writers?.get(name)?.(value, { ...labels });
}

/** Starts a stopwatch: the returned function gives the seconds since. */
export function stopwatch(): () => number {
  const from = performance.now();
  return () => (performance.now() - from) / 1000;
}

/** Name of a metric in Prometheus, without what its exporter adds to counters. */
export function exportedName(name: MetricName, form: NameForm): string {
  if (form === 'otlp') return name;
  const { unit }: Metric = METRICS[name];
  const suffix = unit === 's' ? '_seconds' : unit === 'USD' ? '_usd' : '';
  return `${name.replaceAll('.', '_')}${suffix}`;
}

/** Bounds of the buckets of all histograms, by their exported names. */
export function bucketBounds(form: NameForm): Record<string, number[]> {
  return Object.fromEntries(
    (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
      const { buckets }: Metric = METRICS[name];
      return buckets ? [[exportedName(name, form), [...buckets]]] : [];
    }),
  );
}

function writerOf(meter: Meter, name: MetricName, form: NameForm): Write {
  const { kind, about, unit }: Metric = METRICS[name];
  const exported = exportedName(name, form);
  // In Prometheus the unit stands in the name.
  const own = form === 'otlp' ? unit : undefined;
  if (kind === 'counter') {
    const counter = meter.createCounter(exported, own, about);
    return (value, tags) => counter.add(value, tags);
  }
  if (kind === 'gauge') {
    const gauge = meter.createGauge(exported, 'float', own, about);
    return (value, tags) => gauge.set(value, tags);
  }
  const histogram = meter.createHistogram(exported, 'float', own, about);
  return (value, tags) => histogram.record(value, tags);
}

/** Keeps the number of series of a metric within its limit, and the labels in the form of the exporter. */
function bounded(write: Write, form: NameForm): Write {
  const known = new Set<string>();
  return (value, labels) => {
    const given = Object.entries(labels).filter(([, text]) => text !== undefined);
    const set = JSON.stringify(given);
    const isKnown = known.has(set) || known.size < MAX_SERIES;
    if (isKnown) known.add(set);
    const tags = given.map(([label, text]) => [
      form === 'otlp' ? label : label.replaceAll('.', '_'),
      isKnown ? text : OTHER,
    ]);
    write(value, Object.fromEntries(tags));
  };
}

/** Sets of labels that a counter has from the start, so that its first count is an increase. Only for counters whose labels are all known. */
function knownLabels({ kind, labels = {} }: Metric): Tags[] {
  if (kind !== 'counter') return [];
  return Object.entries(labels).reduce<Tags[]>(
    (sets, [label, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value }))),
    [{}],
  );
}
