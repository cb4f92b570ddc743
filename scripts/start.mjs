// npm start: installs and builds what is missing, then runs Watchkeep with everything it needs.
import { ensureBuilt, ensureInstalled } from './lib/build.mjs';

ensureInstalled();
ensureBuilt();
await import('../dist/standalone.js');
