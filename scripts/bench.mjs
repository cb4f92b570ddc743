// npm run bench -- <name>: installs and builds what is missing, then runs one benchmark. Without a name: lists them.
import { parseArgs } from 'node:util';
import { report } from '../bench/lib/report.mjs';
import { Interrupted, withScope } from '../bench/lib/scope.mjs';
import { ensureBuilt, ensureInstalled } from './lib/build.mjs';

const BENCHMARKS = {
  ingest: () => import('../bench/ingest.mjs'),
  checks: () => import('../bench/checks.mjs'),
  reads: () => import('../bench/reads.mjs'),
  'errors-reads': () => import('../bench/errors-reads.mjs'),
};

const [name, ...parameters] = process.argv.slice(2);
if (Object.hasOwn(BENCHMARKS, name ?? '')) await runBenchmark(await BENCHMARKS[name]());
else await list();

async function runBenchmark({ options, run, render }) {
  const { json, ...values } = readOptions(options);
  ensureInstalled();
  ensureBuilt();
  try {
    const result = await withScope((scope) => run(scope, values));
    console.log(json ? JSON.stringify(report(name, values, result), null, 2) : `\n${render(result)}`);
    process.exit(result.correct ? 0 : 1);
  } catch (error) {
    console.error(error instanceof Interrupted ? error.message : error);
    process.exit(1);
  }
}

function readOptions(options) {
  try {
    const known = Object.fromEntries(Object.keys(options).map((option) => [option, { type: 'string' }]));
    const { values } = parseArgs({ args: parameters, options: { ...known, json: { type: 'boolean' } } });
    for (const [option, { value, parse }] of Object.entries(options))
      values[option] = values[option] === undefined ? value : parse(values[option], `--${option}`);
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${usage(name, options)}`);
    process.exit(2);
  }
}

async function list() {
  console.log('npm run bench -- <name> [options]; --json prints the result for machines\n');
  for (const [key, load] of Object.entries(BENCHMARKS)) {
    const { summary, options } = await load();
    console.log(`${key}: ${summary}\n${usage(key, options)}\n`);
  }
  if (name === undefined || name === '--help') return;
  console.error(`There is no benchmark "${name}".`);
  process.exitCode = 2;
}

function usage(key, options) {
  const lines = Object.entries(options).map(
    ([option, { value, help }]) => `  --${option.padEnd(12)} ${help} (default ${[value].flat().join(',')})`,
  );
  return [`  npm run bench -- ${key}`, ...lines].join('\n');
}
