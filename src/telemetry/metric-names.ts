import { CALL_OUTCOMES } from '../run/event.js';

/** A metric of the service. `labels`: values that a label has from the start; an empty list leaves them to what happens. */
export interface Metric {
  kind: 'counter' | 'gauge' | 'histogram';
  about: string;
  /** Unit as OpenTelemetry writes it. */
  unit?: 's' | 'USD' | '{token}';
  labels?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram's buckets. */
  buckets?: readonly number[];
}

/** Bounds that the GenAI conventions ask for. */
const CALL_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
/** Bounds up to a week: people answer in minutes or in days. */
const WAIT_SECONDS = [10, 60, 300, 900, 1800, 3600, 14400, 43200, 86400, 172800, 259200, 604800];
const APPEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const DOLLARS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

const RUN_ENDS = ['completed', 'rejected', 'expired', 'cancelled', 'failed', 'gone'] as const;

/** Sources of the errors that work goes on after. docs/operations.md says what each one means. */
export const WARNINGS = [
  'agent-status',
  'card-check',
  'card-update',
  'home',
  'ledger-connection',
  'ledger-group',
  'ledger-write',
  'look-up',
  'mcp-connection',
  'reply',
  'run-gauges',
  'temporal-query',
  'traces',
] as const;
export type WarningSource = (typeof WARNINGS)[number];

/**
 * Metrics of the service, by OpenTelemetry's form of their names. Those of `gen_ai` follow the GenAI semantic conventions. No label holds an id of a
 * run, a person or a channel, or a name that an MCP server or a model chose.
 */
export const METRICS = {
  'countersign.build.info': {
    kind: 'gauge',
    about: 'Version of the service; always 1.',
    labels: { version: [] },
  },
  'countersign.leader': {
    kind: 'gauge',
    about: '1 in the process that does the work of one, such as reconciling.',
  },
  'countersign.runs.started': {
    kind: 'counter',
    about: 'Executions of runs that have started.',
    labels: { trigger: ['person', 'schedule', 'retry'] },
  },
  'countersign.runs.ended': {
    kind: 'counter',
    about: 'Ends of runs. A run that failed and was retried ends again.',
    labels: { outcome: RUN_ENDS },
  },
  'countersign.runs.waiting': {
    kind: 'gauge',
    about: 'Runs that wait for people. Only the leader reports it.',
  },
  'countersign.runs.oldest_wait': {
    kind: 'gauge',
    unit: 's',
    about: 'Age of the oldest open request to people. Only the leader reports it.',
  },
  'countersign.approval.wait': {
    kind: 'histogram',
    unit: 's',
    about: 'Time from a request to people until its outcome.',
    labels: { subject: [], outcome: [] },
    buckets: WAIT_SECONDS,
  },
  'countersign.slack.connected': {
    kind: 'gauge',
    about: '1 while Slack can reach this process: a socket is open, or the port listens.',
  },
  'countersign.slack.calls': {
    kind: 'counter',
    about: 'Requests to Slack, by method and by the code of the answer.',
    labels: { method: [], code: [] },
  },
  'gen_ai.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'Duration of a request to the model.',
    labels: {
      'gen_ai.operation.name': [],
      'gen_ai.provider.name': [],
      'gen_ai.request.model': [],
      'error.type': [],
    },
    buckets: [...CALL_SECONDS, 163.84, 327.68, 655.36],
  },
  'gen_ai.client.token.usage': {
    kind: 'histogram',
    unit: '{token}',
    about: 'Tokens of a request to the model.',
    labels: {
      'gen_ai.operation.name': [],
      'gen_ai.provider.name': [],
      'gen_ai.request.model': [],
      'gen_ai.token.type': [],
    },
    buckets: TOKENS,
  },
  'countersign.model.cost': {
    kind: 'histogram',
    unit: 'USD',
    about: 'Dollars of a request to the model, by the price table.',
    labels: { 'gen_ai.request.model': [] },
    buckets: DOLLARS,
  },
  'countersign.tool.calls': {
    kind: 'counter',
    about: 'Tool calls on record, by their outcome.',
    labels: { server: [], outcome: CALL_OUTCOMES },
  },
  'countersign.tool.call.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'Duration of a call of a tool.',
    labels: { server: [], outcome: [] },
    buckets: [...CALL_SECONDS, 163.84, 327.68],
  },
  'countersign.mcp.server.up': {
    kind: 'gauge',
    about: '1 while an MCP server runs.',
    labels: { server: [] },
  },
  'countersign.ledger.append.duration': {
    kind: 'histogram',
    unit: 's',
    about: 'Duration of a transaction that appends to the ledger.',
    labels: { outcome: [] },
    buckets: APPEND_SECONDS,
  },
  'countersign.reconciler.repairs': {
    kind: 'counter',
    about: 'Messages of ended runs that the reconciler brought up to date.',
  },
  'countersign.warnings': {
    kind: 'counter',
    about: 'Errors that work goes on after, by their source.',
    labels: { source: WARNINGS },
  },
  'countersign.log.lines': {
    kind: 'counter',
    about: 'Lines of the log at warn and above.',
    labels: { level: ['warn', 'error', 'fatal'] },
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
export type NameOf<Kind extends Metric['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** A metric's labels, with their values. */
export type LabelsOf<Name extends MetricName> = (typeof METRICS)[Name] extends { labels: infer Labels }
  ? Partial<Record<keyof Labels & string, string>>
  : Record<never, never>;
