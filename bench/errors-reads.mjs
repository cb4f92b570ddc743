import { HELPER, writeErrors } from './errors-reads/errors.mjs';
import { questions } from './errors-reads/questions.mjs';
import { count } from './lib/options.mjs';
import { connect, startPostgres } from './lib/postgres.mjs';
import { complaintsOf, startProduct } from './lib/product.mjs';
import { figure, machineNote, progress, table } from './lib/report.mjs';
import { percentile } from './lib/statistics.mjs';

const TURNS = 4;
const WARM_UP = 5;

export const summary = 'lists, searches and figures of many errors';
export const options = {
  groups: count(1_000_000, 'errors', 2_000_000),
  occurrences: count(10_000_000, 'occurrences of them', 20_000_000),
  rounds: count(200, 'answers to each question', 10_000),
};

export async function run(scope, { groups, occurrences, rounds }) {
  progress('Starting PostgreSQL and the product …');
  const postgres = await startPostgres(scope);
  const product = await startProduct(scope, postgres.url());
  await product.worker.stop();
  const database = await connect(scope, postgres.url());
  progress(`Writing ${groups} errors with ${occurrences} occurrences …`);
  await database.query(HELPER);
  const started = performance.now();
  await writeErrors(database, await connect(scope, postgres.url()), groups, occurrences, progress);
  progress(`Written in ${figure((performance.now() - started) / 1_000)} s.`);
  const asked = questions({
    api: (path) => ask(product, path),
    statistics: (days, source) => statistics(database, days, source),
    ids: await idsOf(database, 'SELECT id FROM errors ORDER BY fingerprint LIMIT 1000'),
    busyIds: await idsOf(
      database,
      'SELECT error_id AS id FROM error_occurrences GROUP BY 1 ORDER BY count(*) DESC LIMIT 1000',
    ),
  });
  progress(`Asking ${Object.keys(asked).length} questions ${rounds} times each …`);
  const answers = await measure(asked, rounds);
  const { rows } = await database.query(
    'SELECT pg_database_size(current_database())::float8 / 2 ^ 30 AS gib',
  );
  return {
    correct: answers.every(({ right }) => right),
    within: answers.every(({ within }) => within),
    database_gib: rows[0].gib,
    questions: answers,
    complaints: complaintsOf(product),
  };
}

async function idsOf(database, statement) {
  return (await database.query(statement)).rows.map(({ id }) => id);
}

async function statistics(database, days, source) {
  const { rows } = await database.query(
    `SELECT hour, sum(count) FROM error_counts WHERE hour >= now() - $1 * interval '1 day' AND ($2::text IS NULL OR source = $2)
     GROUP BY hour`,
    [days, source],
  );
  return rows.length >= days * 24 - 1;
}

async function ask({ port, key }, path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-API-Key': key } });
  const body = await response.json();
  if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return body.data;
}

/** The questions in turn, several times, so that what else happens on the machine meets all of them. */
async function measure(asked, rounds) {
  const times = Object.fromEntries(Object.keys(asked).map((name) => [name, []]));
  const wrong = new Set();
  for (let turn = 0; turn < TURNS; turn++)
    for (const [name, { ask: question }] of Object.entries(asked)) {
      for (let time = 0; time < WARM_UP; time++) await question();
      for (let time = 0; time < rounds / TURNS; time++) {
        const started = performance.now();
        if (!(await question())) wrong.add(name);
        times[name].push(performance.now() - started);
      }
    }
  return Object.entries(asked).map(([name, { most }]) => {
    const sorted = times[name].toSorted((a, b) => a - b);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(sorted, share));
    return { name, most, p50, p95, p99, right: !wrong.has(name), within: p99 < most };
  });
}

export function render({ correct, questions: asked, database_gib, complaints }) {
  return [
    `Milliseconds from the request to the last byte, with random parameters. ${machineNote()}`,
    table(
      ['question', 'p50', 'p95', 'p99', 'at most', 'within'],
      asked.map(({ name, p50, p95, p99, most, within }) => [
        name,
        ...[p50, p95, p99].map((value) => figure(value, 1)),
        most,
        within ? 'yes' : 'NO',
      ]),
    ),
    '',
    `Database: ${figure(database_gib, 1)} GiB. Every answer was looked at. Correct: ${correct ? 'yes' : 'NO'}.`,
    ...(complaints.length > 0 ? ['', 'The product complained:', ...complaints.slice(0, 20)] : []),
  ].join('\n');
}
