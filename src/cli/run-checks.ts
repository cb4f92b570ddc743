import { styleText } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppModule } from '../app.module.js';
import { Clock } from '../common/clock.js';
import type { Config } from '../config/config.js';
import { CheckRunner } from '../modules/monitoring/scheduling/check-runner.service.js';
import type { CheckResult } from '../modules/monitoring/states/check-result.js';
import { SystemMetricsCollector } from '../modules/monitoring/system-metrics/system-metrics.collector.js';
import { table } from './table.js';
import { withApplication } from './with-application.js';
import { withProgress } from './with-progress.js';

export interface RunChecksOptions {
  endpoint?: string;
  collectMetrics?: boolean;
}

export interface RunChecksReport {
  text: string;
  /** How many endpoints are down. */
  down: number;
}

type Chosen = Map<string, string>;

/** `watchkeep run-checks`: makes the checks itself, so that it works with no worker running, and stores the results. */
export function runChecks(config: Config, options: RunChecksOptions): Promise<RunChecksReport> {
  return withApplication(config, (app) => run(app, options), AppModule.forChecks(config));
}

async function run(
  app: INestApplicationContext,
  { endpoint, collectMetrics = false }: RunChecksOptions,
): Promise<RunChecksReport> {
  const endpoints = await choose(app.get(DataSource), endpoint);
  const results = await check(app, endpoints);
  if (collectMetrics) await app.get(SystemMetricsCollector).collect();
  const summary = summaryOf(results) + (collectMetrics ? ' System metrics are stored.' : '');
  return {
    text: results.length === 0 ? summary : `${describe(results, endpoints)}\n\n${summary}`,
    down: countOf(results, false),
  };
}

function summaryOf(results: readonly CheckResult[]): string {
  const down = countOf(results, false);
  const unmeasured = countOf(results, null);
  const parts = [
    `${results.length} checked`,
    down > 0 ? `${down} down` : 'none down',
    ...(unmeasured > 0 ? [`${unmeasured} could not be measured`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function countOf(results: readonly CheckResult[], ok: boolean | null): number {
  return results.filter(({ measurement }) => measurement.ok === ok).length;
}

/** Those that report by themselves cannot be asked. */
async function choose(dataSource: DataSource, name: string | undefined): Promise<Chosen> {
  const rows = await dataSource.query<{ id: string; name: string }[]>(
    `SELECT id, name FROM endpoints
     WHERE kind <> 'push' AND CASE WHEN $1::text IS NULL THEN enabled ELSE name = $1 END ORDER BY name`,
    [name ?? null],
  );
  if (name !== undefined && rows.length === 0) {
    throw new Error(`There is no endpoint called ${JSON.stringify(name)} that can be checked.`);
  }
  return new Map(rows.map((row) => [row.id, row.name]));
}

async function check(app: INestApplicationContext, endpoints: Chosen): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  await withProgress(endpoints.size, endpoints.size > 1, (step) =>
    app.get(CheckRunner).runNow([...endpoints.keys()], app.get(Clock).now().getTime(), (result) => {
      results.push(result);
      step();
    }),
  );
  return results;
}

const COLOURS = {
  operational: 'green',
  degraded: 'yellow',
  major_outage: 'red',
  unknown: 'gray',
} as const;

function describe(results: readonly CheckResult[], endpoints: Chosen): string {
  const rows = results
    .map(({ endpoint_id, verdict, measurement }) => [
      endpoints.get(endpoint_id) ?? '',
      styleText(COLOURS[verdict], verdict.replace('major_outage', 'down'), { stream: process.stdout }),
      measurement.status_code === null ? '' : String(measurement.status_code),
      measurement.response_time_ms === null ? '' : `${Math.round(measurement.response_time_ms)} ms`,
      measurement.error ?? '',
    ])
    .sort(([a], [b]) => a!.localeCompare(b!));
  return table(['ENDPOINT', 'RESULT', 'CODE', 'TIME', ''], rows);
}
