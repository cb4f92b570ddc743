// npm test: installs and builds what is missing, then runs every test. Arguments go to Jest: `npm test -- errors`.
import { ensureBuilt, ensureInstalled, run } from './lib/build.mjs';

ensureInstalled();
ensureBuilt();
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
run(process.execPath, [...jest, ...process.argv.slice(2)], 'Some tests failed.');
