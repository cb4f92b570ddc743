import { createEndpoints } from './checks/endpoints.mjs';
import { count } from './lib/options.mjs';
import { connect, startPostgres } from './lib/postgres.mjs';
import { complaintsOf, startProduct } from './lib/product.mjs';
import { figure, machineNote, progress, table } from './lib/report.mjs';
import { median, percentile, perThousand } from './lib/statistics.mjs';
import { cpuMeter } from './lib/usage.mjs';
import { WITH_HOURS, writeHistory } from './reads/history.mjs';
import { questions } from './reads/questions.mjs';

/** Each question is asked in so many turns, after so many answers that do not count. */
const TURNS = 4;
const WARM_UP = 10;
/** What a screen may take, in milliseconds, and by how much more at `growth` times the history. */
const MOST_MS = 50;
const MOST_GROWTH = 1.3;

export const summary = 'what screens ask of rollups, and again with many times the history';
export const options = {
  endpoints: count(5_000, 'endpoints that are watched', 20_000),
  days: count(90, 'days of history', 1_000),
  growth: count(10, 'times as much history in the second part', 20),
  rounds: count(200, 'answers to each question', 10_000),
};

export async function run(scope, { endpoints, days, growth, rounds }) {
  progress('Starting PostgreSQL and the product …');
  const postgres = await startPostgres(scope);
  const product = await startProduct(scope, postgres.url());
  await product.worker.stop();
  const database = await connect(scope, postgres.url());
  const own = await openProductCode(scope, postgres.url());
  await own.ensurePartitions();
  await createEndpoints(product, database, {
    count: endpoints,
    interval: 3_600,
    targetUrl: 'http://127.0.0.1:9/',
  });
  const idsOf = async (condition) =>
    (await database.query(`SELECT id FROM endpoints WHERE ${condition}`)).rows.map((row) => row.id);
  const asked = questions({
    api: (path) => ask(product, path),
    overview: own.overview,
    ids: await idsOf('true'),
    idsWithHours: await idsOf(WITH_HOURS),
  });
  const pids = { api: product.api.pid, postgres: postgres.pid };
  const parts = [];
  for (const factor of [1, growth]) {
    progress(`Writing ${days * factor} days of ${endpoints} endpoints …`);
    await writeHistory(database, days * factor);
    await own.freezeMonths();
    await database.query('VACUUM ANALYZE');
    const size = await sizeOf(database);
    progress(`Asking ${Object.keys(asked).length} questions ${rounds} times each …`);
    parts.push({ days: days * factor, size, answers: await measure(asked, rounds, pids) });
  }
  const figures = Object.keys(asked).map((name) =>
    compare(name, parts[0].answers[name], parts[1].answers[name]),
  );
  return {
    correct: figures.every((each) => each.right),
    within: figures.every((each) => each.within),
    parts: parts.map((part) => ({ days: part.days, database_mib: part.size })),
    questions: figures,
    complaints: complaintsOf(product),
  };
}

/** The product’s own classes, for what HTTP does not show: an overview that is not from its cache, frozen months. */
async function openProductCode(scope, url) {
  const load = (path) => import(new URL(`../dist/${path}.js`, import.meta.url));
  const { Logger } = await import('@nestjs/common');
  Logger.overrideLogger(['warn', 'error']);
  const { Clock } = await load('common/clock');
  const { createDataSource } = await load('database/data-source');
  const { ensurePartitions } = await load('database/partitions');
  const { FleetUptimeReader } = await load('modules/monitoring/statistics/fleet-uptime.reader');
  const { OverviewReader } = await load('modules/monitoring/statistics/overview.reader');
  const { RollUpService } = await load('modules/monitoring/statistics/roll-up.service');
  const dataSource = createDataSource(url);
  scope.defer(() => dataSource.destroy());
  await dataSource.initialize();
  const clock = new Clock();
  const fleet = new FleetUptimeReader(dataSource);
  return {
    ensurePartitions: () => ensurePartitions(dataSource, new Date()),
    overview: () => new OverviewReader(dataSource, fleet, clock).read(),
    freezeMonths: () => new RollUpService(dataSource, clock, { CHECK_RETENTION: 30 * 86_400_000 }).rollUp(),
  };
}

async function ask({ port, key }, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-API-Key': key } });
  const body = await response.json();
  if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return body.data;
}

/** The questions in turn, several times, so that what else happens on the machine meets all of them. */
async function measure(asked, rounds, pids) {
  const answers = Object.fromEntries(
    Object.keys(asked).map((name) => [name, { times: [], wrong: 0, cpu: { api: 0, postgres: 0 } }]),
  );
  for (let turn = 0; turn < TURNS; turn++)
    for (const [name, question] of Object.entries(asked)) {
      for (let time = 0; time < WARM_UP; time++) await question();
      const meter = cpuMeter(pids);
      for (let time = 0; time < rounds / TURNS; time++) await timed(question, answers[name]);
      const cpu = meter();
      for (const part of Object.keys(pids)) answers[name].cpu[part] += cpu[part];
    }
  return answers;
}

async function timed(question, answer) {
  const started = performance.now();
  const isRight = await question();
  answer.times.push(performance.now() - started);
  if (!isRight) answer.wrong++;
}

function compare(name, before, after) {
  const [first, grown] = [before, after].map(({ times, cpu }) => {
    const sorted = times.toSorted((a, b) => a - b);
    const [p50, p95, p99] = [median(sorted), percentile(sorted, 0.95), percentile(sorted, 0.99)];
    const seconds = cpu.api + cpu.postgres;
    // Without /proc there is no such figure.
    return { p50, p95, p99, cpu_ms: Number.isNaN(seconds) ? undefined : perThousand(seconds, times.length) };
  });
  const ratio = grown.p50 / first.p50;
  const right = before.wrong + after.wrong === 0;
  const within = Math.max(first.p99, grown.p99) < MOST_MS && ratio <= MOST_GROWTH;
  return { name, right, within, first, grown, ratio };
}

async function sizeOf(database) {
  const { rows } = await database.query(
    'SELECT pg_database_size(current_database())::float8 / 2 ^ 20 AS mib',
  );
  return rows[0].mib;
}

export function render({ correct, parts: [first, grown], questions: asked, complaints }) {
  const names = ['p50', 'p95', 'p99', 'CPU'];
  const milliseconds = ({ p50, p95, p99, cpu_ms }) =>
    [p50, p95, p99, cpu_ms].map((value) => figure(value, 1));
  return [
    `Milliseconds from the request to the last byte, and of CPU (API and PostgreSQL) an answer. ${machineNote()}`,
    table(
      [
        'question',
        ...names.map((name) => `${first.days} d ${name}`),
        ...names.map((name) => `${grown.days} d ${name}`),
        'p50 ×',
        'within',
      ],
      asked.map((each) => [
        each.name,
        ...milliseconds(each.first),
        ...milliseconds(each.grown),
        figure(each.ratio, 2),
        each.within ? 'yes' : 'NO',
      ]),
    ),
    '',
    `Within: p99 below ${MOST_MS} ms, and the median at most ${MOST_GROWTH} × with ${grown.days / first.days} times the history. ` +
      `Database: ${figure(first.database_mib)} MiB, then ${figure(grown.database_mib)}.`,
    `Every answer was checked. Correct: ${correct ? 'yes' : 'NO'}.`,
    ...(complaints.length > 0 ? ['', 'The product complained:', ...complaints.slice(0, 20)] : []),
  ].join('\n');
}
