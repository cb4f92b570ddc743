import { setTimeout as delay } from 'node:timers/promises';
import { createEndpoints } from './checks/endpoints.mjs';
import { countCheckedSince, countMade, readSize, readWindow, resultsByPath } from './checks/results.mjs';
import { Child } from './lib/child.mjs';
import { count } from './lib/options.mjs';
import { connect, startPostgres } from './lib/postgres.mjs';
import { complaintsOf, startProduct } from './lib/product.mjs';
import { figure, machineNote, progress, table } from './lib/report.mjs';
import { median, perThousand } from './lib/statistics.mjs';
import { cpuMeter, familyMemory, peakMemory } from './lib/usage.mjs';

const FLOOR_BURSTS = 8;
/** How long after the window a result may still come in before its slot counts as missed. */
const SETTLE_MS = 15_000;

export const summary = 'scheduled HTTP checks by the product, against the floor';
export const options = {
  endpoints: count(1_000, 'endpoints, each with an address of its own', 100_000),
  interval: count(5, 'seconds between two checks of an endpoint', 3_600),
  seconds: count(30, 'length of the window, rounded up to a multiple of the interval'),
};

export async function run(scope, { endpoints, interval, seconds }) {
  progress('Starting PostgreSQL, the product, the target and the floor …');
  const postgres = await startPostgres(scope);
  const product = await startProduct(scope, postgres.url());
  const database = await connect(scope, postgres.url());
  const target = await Child.start(scope, new URL('./checks/target.mjs', import.meta.url));
  const floor = await Child.start(scope, new URL('./checks/floor.mjs', import.meta.url));
  const port = await target.ask('port');
  const setting = { postgres, product, database, target, floor, port };

  // The floor before and after the product, with no checks running: the machine may change its mind in between.
  const floors = [await runFloor(setting, endpoints / interval)];
  await target.ask('forget');
  const targetUrl = `http://127.0.0.1:${port}/`;
  await createEndpoints(product, database, { count: endpoints, interval, targetUrl });
  const measured = await measureProduct(setting, endpoints, interval, Math.ceil(seconds / interval));
  await product.worker.stop();
  const slots = compare(await resultsByPath(database), await target.ask('hits'));
  floors.push(await runFloor(setting, endpoints / interval));
  const recovery_seconds = await measureRecovery(setting, endpoints, interval);

  const floorCpu = median(floors.map((each) => each.cpu_per_1000.floor));
  const all = measured.cpu_per_1000.all;
  return {
    correct: measured.missed + measured.unknown + measured.failed + slots.differing === 0,
    product: measured,
    recovery_seconds,
    slots,
    floor: { cpu_per_1000: floorCpu, runs: floors },
    ratio: all === undefined ? undefined : all / floorCpu,
    complaints: complaintsOf(product),
  };
}

/** One whole interval to warm up, then a window in which every endpoint is due the same number of times. */
async function measureProduct(setting, endpoints, interval, slotsEach) {
  const { postgres, product, database, target } = setting;
  const length = slotsEach * interval;
  progress(`${endpoints} endpoints every ${interval} s: ${interval + 3} s to warm up, then ${length} s …`);
  await delay((interval + 3) * 1000);

  const [api, worker] = [product.api.pid, product.worker.pid];
  const meter = cpuMeter({ api, worker, postgres: postgres.pid, target: target.pid });
  const size = await readSize(database);
  const from = Date.now();
  await delay(length * 1000);
  const to = Date.now();
  const cpu = meter();
  const grown = await readSize(database);
  const window = await settledWindow(database, from, from + length * 1000, endpoints * slotsEach);
  const made = await countMade(database, from, to);
  return {
    window_seconds: length,
    ...slotFigures(window, endpoints * slotsEach),
    due_per_second: endpoints / interval,
    made_per_second: (made * 1000) / (to - from),
    cpu_per_1000: cpuPerThousand(cpu, made),
    memory_mib: { api: peakMemory(api), worker: peakMemory(worker), postgres: familyMemory(postgres.pid) },
    bytes_per_1000: {
      results: perThousand(grown.checks - size.checks, made),
      database: perThousand(grown.database - size.database, made),
    },
  };
}

/** From the `kill -9` of a working worker until every endpoint has been checked again by the next one. */
async function measureRecovery({ product, database }, endpoints, interval) {
  progress('Killing a worker …');
  const victim = await product.startWorker();
  await delay(interval * 1000);
  victim.kill();
  const killed = Date.now();
  await product.startWorker();
  const deadline = killed + (2 * interval + 60) * 1000;
  while ((await countCheckedSince(database, killed)) < endpoints) {
    if (Date.now() > deadline) return undefined;
    await delay(100);
  }
  return (Date.now() - killed) / 1000;
}

/** The window once every slot has its result, or once waiting any longer would be pointless. */
async function settledWindow(database, from, to, due) {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const window = await readWindow(database, from, to);
    if (window.recorded >= due || Date.now() > deadline) return window;
    await delay(500);
  }
}

function slotFigures({ recorded, unknown, failed, lateness }, due) {
  const [p50, p95, p99, max] = lateness ?? [];
  return { due, recorded, missed: due - recorded, unknown, failed, lateness_seconds: { p50, p95, p99, max } };
}

function cpuPerThousand({ api, worker, postgres, target }, made) {
  const all = [api, worker, postgres].includes(undefined) ? undefined : api + worker + postgres;
  const used = { all, worker, api, postgres, target };
  return Object.fromEntries(
    Object.entries(used).map(([name, seconds]) => [name, perThousand(seconds, made)]),
  );
}

async function runFloor({ floor, target, port }, rate) {
  progress(`Floor: ${FLOOR_BURSTS} bursts of ${Math.round(rate)} requests …`);
  const meter = cpuMeter({ floor: floor.pid, target: target.pid });
  const { answered } = await floor.ask('run', { port, perBurst: Math.round(rate), bursts: FLOOR_BURSTS });
  const cpu = meter();
  return {
    answered,
    cpu_per_1000: {
      floor: perThousand(cpu.floor, answered),
      target: perThousand(cpu.target, answered),
    },
  };
}

/** A slot that ran twice leaves one row, but two requests at the target. */
function compare(results, hits) {
  const paths = [...new Set([...Object.keys(results), ...Object.keys(hits)])];
  const total = (counts) => Object.values(counts).reduce((sum, value) => sum + value, 0);
  const differing = paths.filter((path) => results[path] !== hits[path]).length;
  return { results: total(results), requests: total(hits), differing };
}

export function render({ correct, product, recovery_seconds, slots, floor, ratio, complaints }) {
  const { lateness_seconds: late, cpu_per_1000: cpu, memory_mib: memory, bytes_per_1000: bytes } = product;
  const floorTarget = median(floor.runs.map((each) => each.cpu_per_1000.target));
  return [
    `Checks a second over ${product.window_seconds} s. ${machineNote()}`,
    table(
      [
        'due/s',
        'made/s',
        'late p50 s',
        'p95',
        'p99',
        'max',
        'slots due',
        'recorded',
        'missed',
        'unknown',
        'failed',
      ],
      [
        [
          figure(product.due_per_second, 1),
          figure(product.made_per_second, 1),
          ...[late.p50, late.p95, late.p99, late.max].map((value) => figure(value, 2)),
          ...[product.due, product.recorded, product.missed, product.unknown, product.failed].map((value) =>
            figure(value),
          ),
        ],
      ],
    ),
    '',
    table(
      ['CPU s/1000 checks', 'all ours', '× floor', 'worker', 'API', 'PostgreSQL', 'target'],
      [
        [
          'product',
          ...[cpu.all, ratio, cpu.worker, cpu.api, cpu.postgres, cpu.target].map((v) => figure(v, 3)),
        ],
        ['floor', figure(floor.cpu_per_1000, 3), '', '', '', '', figure(floorTarget, 3)],
      ],
    ),
    '',
    `Memory: worker ${figure(memory.worker) ?? '–'} MiB and API ${figure(memory.api) ?? '–'} MiB at their peak, ` +
      `PostgreSQL ${figure(memory.postgres) ?? '–'} MiB.`,
    `Disk for 1000 results: ${figure(bytes.results)} bytes with indexes; the whole database grew by ${figure(bytes.database)}.`,
    `After a kill -9 of the worker, every endpoint was checked again within ${figure(recovery_seconds, 1)} s.`,
    `Results ${figure(slots.results)}, requests at the target ${figure(slots.requests)}, ` +
      `endpoints where they differ ${slots.differing}. Correct: ${correct ? 'yes' : 'NO'}.`,
    ...(complaints.length > 0 ? ['', 'The product complained:', ...complaints.slice(0, 20)] : []),
  ].join('\n');
}
