// npm run fuzz, for the night: the specs that try random cases, with FUZZ_RUNS of them (100,000) where npm test takes 5,000.
import { ensureBuilt, ensureInstalled, run } from './lib/build.mjs';

process.env.FUZZ_RUNS ??= '100000';
ensureInstalled();
ensureBuilt();
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--testPathPatterns=grouping\\.fuzz\\.spec|sentry/envelope\\.spec',
  '--testTimeout=3600000',
];
run(process.execPath, [...jest, ...process.argv.slice(2)], 'Some cases failed.');
