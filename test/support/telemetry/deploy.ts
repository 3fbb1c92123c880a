import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const at = (path: string) => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url));

export const ALERTS = at('prometheus/alerts.yml');
export const ALERT_TESTS = at('prometheus/alerts.test.yml');

/** Queries of the Grafana dashboard, and of the alert rules. */
export function deployedQueries(): string[] {
  const dashboard = JSON.parse(readFileSync(at('grafana/countersign.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const alerts = parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: { expr: string }[] }[] };
  const drawn = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return [...drawn, ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))];
}

/** A query of the dashboard as Grafana sends it. */
export function withGrafanaValues(query: string): string {
  return query.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replaceAll('$job', '.*');
}

/** Names of the metrics in a query. */
export function metricsIn(query: string): string[] {
  return query.match(/\b(?:countersign|gen_ai_client|temporal)_[a-z_]+(?=[{[)\s]|$)/g) ?? [];
}

/** Names of all series in an answer of `/metrics`. */
export function seriesIn(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^([a-z_]+)[{ ]/.exec(line)?.[1] ?? []));
}
