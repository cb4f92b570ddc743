#!/usr/bin/env node
/** The nightly run: every *.fuzz.spec.ts with many more cases than `npm test` takes. FUZZ_RUNS says how many. */
import { spawnSync } from 'node:child_process';

const jest = [
  '--experimental-vm-modules',
  'node_modules/jest/bin/jest.js',
  '--testPathPatterns',
  '\\.fuzz\\.spec\\.ts$',
];
const { status } = spawnSync(process.execPath, [...jest, '--testTimeout=3600000', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { FUZZ_RUNS: '100000', ...process.env },
});
process.exitCode = status ?? 1;
