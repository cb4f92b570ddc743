import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOCK = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
const STAMP = join(ROOT, 'dist/.source-hash');
const BUILD_INPUTS = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];

/** Installs the dependencies when there are none, or when they are older than the lock file. */
export function ensureInstalled() {
  // npm ci would empty whatever a link leads to, and that belongs to another checkout.
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  if (existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return;
  console.log('Installing dependencies (npm ci), once …');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'The dependencies could not be installed.',
  );
  console.log('Dependencies are installed.');
}

/** Builds when the source has changed since the last build. */
export function ensureBuilt() {
  const hash = sourceHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  console.log('Building …');
  const started = Date.now();
  build();
  writeFileSync(STAMP, hash);
  console.log(`Built in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** Compiles the source into an empty `dist`. */
export function build() {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], 'The build failed.');
  // npx runs it as a program; npm makes it one only when it first links to it.
  chmodSync(join(ROOT, 'dist/cli.js'), 0o755);
}

/** Runs a program in the project’s root with our terminal; ends this process with a clear line when it fails. */
export function run(command, parameters, failure, environment = {}) {
  const { status, error } = spawnSync(command, parameters, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status === 0) return;
  console.error(error ? `${failure} ${error.message}` : failure);
  process.exit(status || 1);
}

function sourceHash() {
  const hash = createHash('sha256').update(process.version);
  for (const file of [...BUILD_INPUTS, ...sources('src')])
    hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function sources(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return path.endsWith('.spec.ts') ? [] : [path];
    });
}
