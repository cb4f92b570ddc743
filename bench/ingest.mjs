import { Child } from './lib/child.mjs';
import { count, counts } from './lib/options.mjs';
import { connect, createDatabase, startPostgres } from './lib/postgres.mjs';
import { complaintsOf, startProduct } from './lib/product.mjs';
import { figure, machineNote, progress, table } from './lib/report.mjs';
import { medianRecord, perThousand } from './lib/statistics.mjs';
import { cpuMeter, peakMemory } from './lib/usage.mjs';
import { MAX_GROUPS } from './ingest/error-bodies.mjs';

const WARM_UP_SECONDS = 2;

export const summary = 'single POST /api/errors over keep-alive, against the floor';
export const options = {
  seconds: count(3, 'length of one measurement'),
  rounds: count(3, 'measurements of each kind, product and floor in turn'),
  connections: count(50, 'keep-alive connections of the load generator'),
  groups: counts([1, 100, 100_000], 'distinct groups in each mix, separated by commas', MAX_GROUPS),
};

export async function run(scope, { seconds, rounds, connections, groups }) {
  progress('Starting PostgreSQL, the product, the floor and the load generator …');
  const postgres = await startPostgres(scope);
  const product = await startProduct(scope, postgres.url());
  const load = await Child.start(scope, new URL('./ingest/load.mjs', import.meta.url));
  const context = { postgres, load, load_options: { connections, seconds } };
  const targets = {
    product: await productTarget(scope, postgres, product),
    floor: await floorTarget(scope, postgres),
  };
  const mixes = [];
  for (const mix of groups) mixes.push({ groups: mix, ...(await measureMix(context, targets, mix, rounds)) });

  const runs = mixes.flatMap((mix) => [...mix.product.runs, ...mix.floor.runs]);
  const memory = { api: peakMemory(product.api.pid), floor: peakMemory(targets.floor.pid) };
  const complaints = complaintsOf(product);
  return { correct: runs.every(isExact), mixes, peak_memory_mib: memory, complaints };
}

/** Product, floor, product, floor …: what else the machine does hits both alike. */
async function measureMix(context, targets, groups, rounds) {
  const runs = { product: [], floor: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, target] of Object.entries(targets)) {
      const isWarmUp = round === 0;
      const result = await measure(context, target, groups, isWarmUp ? WARM_UP_SECONDS : undefined);
      runs[name].push(result);
      if (!isWarmUp)
        progress(`${groups} groups, round ${round}, ${name}: ${figure(result.figures.per_second)} errors/s`);
    }
  }
  const middle = (name) => medianRecord(runs[name].slice(1).map((entry) => entry.figures));
  const [product, floor] = [middle('product'), middle('floor')];
  return {
    ratio: product.per_second / floor.per_second,
    product: { ...product, runs: runs.product },
    floor: { ...floor, runs: runs.floor },
  };
}

async function measure({ postgres, load, load_options }, target, groups, seconds) {
  const meter = cpuMeter({ server: target.pid, postgres: postgres.pid, load: load.pid });
  const before = await target.stored();
  const first = (target.next[groups] ??= 0);
  const { port, key } = target;
  const parameters = { ...load_options, ...(seconds && { seconds }), port, key, groups, first };
  const { sent, created, statuses, ...answer } = await load.ask('run', parameters);
  const cpu = meter();
  const after = await target.stored();
  target.next[groups] += sent;
  const figures = {
    per_second: created / answer.seconds,
    p50_ms: answer.p50,
    p95_ms: answer.p95,
    p99_ms: answer.p99,
    cpu_per_1000: Object.fromEntries(
      Object.entries(cpu).map(([name, used]) => [name, perThousand(used, created)]),
    ),
  };
  const added = Object.keys(after).map((name) => [name, after[name] - before[name]]);
  return { figures, sent, created, statuses, stored: Object.fromEntries(added) };
}

/** Every 201 is counted and kept, and nothing else is; nothing was refused. */
function isExact({ sent, created, stored }) {
  return sent === created && stored.counted === created && stored.occurrences === created;
}

async function productTarget(scope, postgres, { api, port, key }) {
  const database = await connect(scope, postgres.url());
  return { pid: api.pid, port, key, next: {}, stored: counter(database, 'errors', 'error_occurrences') };
}

async function floorTarget(scope, postgres) {
  const url = await createDatabase(scope, postgres, 'floor');
  const server = await Child.start(scope, new URL('./ingest/floor.mjs', import.meta.url), {
    env: { DATABASE_URL: url, NODE_ENV: 'production' },
  });
  const database = await connect(scope, url);
  const port = await server.ask('port');
  return { pid: server.pid, port, key: '', next: {}, stored: counter(database, 'groups', 'occurrences') };
}

function counter(database, groups, occurrences) {
  return async () => {
    const { rows } = await database.query(`
      SELECT count(*)::float8 AS groups, coalesce(sum(count), 0)::float8 AS counted,
        (SELECT count(*)::float8 FROM ${occurrences}) AS occurrences
      FROM ${groups}`);
    return rows[0];
  };
}

export function render({ correct, mixes, peak_memory_mib, complaints }) {
  const rows = mixes.flatMap((mix) => [
    row(`${figure(mix.groups)} groups, product`, mix.product, figure(mix.ratio, 2)),
    row(`${figure(mix.groups)} groups, floor`, mix.floor, ''),
  ]);
  const header = ['', 'errors/s', '× floor', 'p50 ms', 'p95 ms', 'p99 ms'];
  const cpu = ['CPU s/1000: server', 'PostgreSQL', 'generator'];
  return [
    `Durable errors a second, drained; medians. ${machineNote()}`,
    table([...header, ...cpu], rows),
    '',
    'What was answered and what is stored, over all measurements with their warm-ups:',
    table(
      ['', 'sent', '201', 'sum of count', 'occurrences', 'new groups'],
      mixes.flatMap((mix) =>
        ['product', 'floor'].map((name) => totals(`${figure(mix.groups)} groups, ${name}`, mix[name].runs)),
      ),
    ),
    '',
    `Exact: ${correct ? 'yes, in every measurement' : 'NO'}. ` +
      `Peak memory: API ${figure(peak_memory_mib.api) ?? '–'} MiB, floor ${figure(peak_memory_mib.floor) ?? '–'} MiB.`,
    ...(complaints.length > 0 ? ['', 'The product complained:', ...complaints.slice(0, 20)] : []),
  ].join('\n');
}

function row(name, { per_second, p50_ms, p95_ms, p99_ms, cpu_per_1000 }, ratio) {
  const { server, postgres, load } = cpu_per_1000;
  return [
    name,
    figure(per_second),
    ratio,
    ...[p50_ms, p95_ms, p99_ms].map((value) => figure(value, 1)),
    ...[server, postgres, load].map((value) => figure(value, 3)),
  ];
}

function totals(name, runs) {
  const sum = (read) => figure(runs.reduce((total, entry) => total + read(entry), 0));
  return [
    name,
    sum((entry) => entry.sent),
    sum((entry) => entry.created),
    sum((entry) => entry.stored.counted),
    sum((entry) => entry.stored.occurrences),
    sum((entry) => entry.stored.groups),
  ];
}
