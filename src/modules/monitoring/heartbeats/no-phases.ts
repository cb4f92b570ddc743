import type { Phases } from '../checkers/phase-clock.js';

/** What is reported was not asked for: nothing was looked up, connected to or read. */
export const NO_PHASES: Phases = { dns: null, connect: null, tls: null, first_byte: null, download: null };
