// npm run check: every quality gate, each under its name. `npm run check -- lint types` runs only those.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, ROOT } from './lib/build.mjs';

/** The long ones first, so that no core is idle at the end. */
const GATES = [
  { name: 'types', command: bin('tsc', '-p', 'tsconfig.check.json'), about: 'TypeScript, tests included' },
  {
    name: 'migrations',
    command: jest('test/integration/schema'),
    about: 'a migrated database is what the entities say',
  },
  { name: 'format', command: bin('prettier', '--check', '.'), about: 'prettier', mend: 'npm run format' },
  {
    name: 'layers',
    command: bin('depcruise', 'src', 'test', '--config', '--output-type', 'err-long'),
    about: 'layers, modules and import cycles',
  },
  {
    name: 'lint',
    command: bin('oxlint', '--deny-warnings', '--disable-nested-config'),
    about: 'oxlint; a warning is an error',
  },
  { name: 'unused', command: bin('knip'), about: 'files, exports and dependencies that nobody uses' },
  {
    name: 'openapi',
    command: [process.execPath, 'dist/cli.js', 'openapi', '--check'],
    about: 'openapi/openapi.json is what the code says',
    mend: 'npm run openapi',
  },
];

const gates = chosenGates(process.argv.slice(2));
ensureInstalled();
ensureBuilt();
const waiting = [...gates];
const failed = [];
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
summarise();

async function worker() {
  for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
    const started = Date.now();
    const { ok, output } = await runGate(gate.command);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${ok ? '✓' : '✗'} ${gate.name.padEnd(10)} ${gate.about} (${seconds} s)`);
    if (ok) continue;
    failed.push(gate);
    console.log(`${output.trim().replace(/^/gm, '    ')}\n`);
  }
}

/** Prints nothing while it runs: gates run side by side. */
function runGate([program, ...parameters]) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd: ROOT, env: { ...process.env, FORCE_COLOR: '0' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

function summarise() {
  if (failed.length === 0) {
    console.log(`\nAll ${gates.length} gates passed.`);
    return;
  }
  const names = failed.map(({ name, mend }) => (mend ? `${name} (${mend} mends it)` : name)).join(', ');
  console.error(`\n${failed.length} of ${gates.length} gates failed: ${names}`);
  process.exitCode = 1;
}

function chosenGates(names) {
  const unknown = names.filter((name) => !GATES.some((gate) => gate.name === name));
  if (unknown.length === 0)
    return names.length === 0 ? GATES : GATES.filter(({ name }) => names.includes(name));
  console.error(`There is no gate ${unknown.join(', ')}. Gates: ${GATES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

function bin(name, ...parameters) {
  return [join('node_modules', '.bin', name), ...parameters];
}

function jest(path) {
  return [
    process.execPath,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    path,
  ];
}
