import { measureGrowth, renderGrowth } from './ingest/growth.mjs';
import { isExact, measure, measurePaced } from './ingest/measure.mjs';
import { PROTOCOLS } from './ingest/protocols.mjs';
import { floorTarget, productTarget } from './ingest/targets.mjs';
import { Child } from './lib/child.mjs';
import { choices, count, counts } from './lib/options.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { complaintsOf, startProduct } from './lib/product.mjs';
import { figure, machineNote, progress, table } from './lib/report.mjs';
import { medianRecord } from './lib/statistics.mjs';
import { peakMemory } from './lib/usage.mjs';
import { MAX_GROUPS } from './ingest/error-bodies.mjs';

const WARM_UP_SECONDS = 2;

export const summary =
  'errors by REST, in batches and as Sentry envelopes, over keep-alive, against the floor';
export const options = {
  protocols: choices(Object.keys(PROTOCOLS), 'ways in, separated by commas'),
  seconds: count(3, 'length of one measurement'),
  rounds: count(3, 'measurements of each kind, product and floor in turn'),
  connections: count(50, 'keep-alive connections of the load generator'),
  groups: counts([1, 100, 100_000], 'distinct groups in each mix, separated by commas', MAX_GROUPS),
  stored: count(
    1,
    'groups to fill the database with afterwards, to see what they cost; 1 for not',
    MAX_GROUPS,
  ),
};

export async function run(scope, { protocols, seconds, rounds, connections, groups, stored }) {
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
  for (const protocol of protocols)
    for (const mix of groups)
      mixes.push(await measureMix(context, targets, { protocol, groups: mix }, rounds));
  const growth = stored > 1 ? await measureGrowth(context, targets.product, { stored, rounds }) : undefined;

  const runs = mixes.flatMap((mix) => [...mix.product.runs, ...mix.floor.runs, mix.paced]);
  const memory = { api: peakMemory(product.api.pid), floor: peakMemory(targets.floor.pid) };
  const complaints = complaintsOf(product);
  return { correct: runs.every(isExact), mixes, growth, peak_memory_mib: memory, complaints };
}

/** Product, floor, product, floor …: what else the machine does hits both alike. */
async function measureMix(context, targets, mix, rounds) {
  const runs = { product: [], floor: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, target] of Object.entries(targets)) {
      const isWarmUp = round === 0;
      const result = await measure(context, target, mix, isWarmUp ? { seconds: WARM_UP_SECONDS } : {});
      runs[name].push(result);
      if (!isWarmUp)
        progress(`${nameOf(mix)}, round ${round}, ${name}: ${figure(result.figures.per_second)} errors/s`);
    }
  }
  const middle = (name) => medianRecord(runs[name].slice(1).map((entry) => entry.figures));
  const [product, floor] = [middle('product'), middle('floor')];
  const paced = await measurePaced(context, targets.product, mix, product.per_second);
  return {
    ...mix,
    ratio: product.per_second / floor.per_second,
    product: { ...product, runs: runs.product },
    floor: { ...floor, runs: runs.floor },
    paced,
  };
}

function nameOf({ protocol, groups }) {
  return `${protocol}, ${figure(groups)} group${groups === 1 ? '' : 's'}`;
}

export function render({ correct, mixes, growth, peak_memory_mib, complaints }) {
  const rows = mixes.flatMap((mix) => [
    row(`${nameOf(mix)}: product`, mix.product, figure(mix.ratio, 2), mix.paced.figures),
    row(`${nameOf(mix)}: floor`, mix.floor, ''),
  ]);
  const header = ['', 'errors/s', '× floor', 'p50 ms', 'p95 ms', 'p99 ms', 'p99 at 70 %'];
  const cpu = ['CPU s/1000: server', 'PostgreSQL', 'generator'];
  return [
    `Durable errors a second, drained; medians. ${machineNote()}`,
    table([...header, ...cpu], rows),
    '',
    'What was answered and what is stored, over all measurements with their warm-ups:',
    table(
      ['', 'sent', 'taken', 'sum of count', 'occurrences', 'new groups'],
      mixes.flatMap((mix) =>
        ['product', 'floor'].map((name) => totals(`${nameOf(mix)}: ${name}`, mix[name].runs)),
      ),
    ),
    '',
    ...(growth ? [...renderGrowth(growth), ''] : []),
    `Exact: ${correct ? 'yes, in every measurement' : 'NO'}. ` +
      `Peak memory: API ${figure(peak_memory_mib.api) ?? '–'} MiB, floor ${figure(peak_memory_mib.floor) ?? '–'} MiB.`,
    ...(complaints.length > 0 ? ['', 'The product complained:', ...complaints.slice(0, 20)] : []),
  ].join('\n');
}

function row(name, { per_second, p50_ms, p95_ms, p99_ms, cpu_per_1000 }, ratio, paced) {
  const { server, postgres, load } = cpu_per_1000;
  return [
    name,
    figure(per_second),
    ratio,
    ...[p50_ms, p95_ms, p99_ms].map((value) => figure(value, 1)),
    paced ? figure(paced.p99_ms, 1) : '',
    ...[server, postgres, load].map((value) => figure(value, 3)),
  ];
}

function totals(name, runs) {
  const sum = (read) => figure(runs.reduce((total, entry) => total + read(entry), 0));
  return [
    name,
    sum((entry) => entry.sent),
    sum((entry) => entry.taken),
    sum((entry) => entry.stored.counted),
    sum((entry) => entry.stored.occurrences),
    sum((entry) => entry.stored.groups),
  ];
}
