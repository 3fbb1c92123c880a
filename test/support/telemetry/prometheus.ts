import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unusedPort } from '../temporal/temporal.js';

interface Answer<Data> {
  status: string;
  data: Data;
  error?: string;
}

/** A value of a series at one moment. */
export interface Sample {
  metric: Record<string, string>;
  value: [at: number, value: string];
}

export interface Rule {
  name: string;
  health: 'ok' | 'unknown' | 'err';
  lastError?: string;
}

/** Starts a real Prometheus that scrapes a process of the service each second, with a file of rules. */
export async function startPrometheus({ port, rules }: { port: number; rules: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const job = { job_name: 'countersign', static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  const all = { scrape_interval: '1s', evaluation_interval: '1s' };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ global: all, rule_files: [rules], scrape_configs: [job] }));
  const address = `127.0.0.1:${await unusedPort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (data) => (said += String(data)));
  const ended = once(child, 'exit');
  const get = async <Data>(path: string): Promise<Data> => {
    const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as Answer<Data>;
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  const prometheus = {
    /** Asks a query of now. @throws Error when Prometheus can't answer it. */
    query: async (text: string): Promise<Sample[]> =>
      (await get<{ result: Sample[] }>(`query?query=${encodeURIComponent(text)}`)).result,
    rules: async (): Promise<Rule[]> =>
      (await get<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap((group) => group.rules),
    async close(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (const until = Date.now() + 20_000; ; await delay(200)) {
    const found = await prometheus.query('up{job="countersign"} == 1').catch(() => []);
    if (found.length > 0) return prometheus;
    if (Date.now() > until) {
      await prometheus.close();
      throw new Error(`Prometheus scraped nothing: ${said.slice(-2_000)}`);
    }
  }
}
