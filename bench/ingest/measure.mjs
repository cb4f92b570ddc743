import { perThousand } from '../lib/statistics.mjs';
import { cpuMeter } from '../lib/usage.mjs';

/** Of the highest rate, so much is sent when latency is measured as users would see it. */
const MODERATE = 0.7;

/** Sends one mix for some seconds and says what it cost, what was answered and what is stored. */
export async function measure({ postgres, load, load_options }, target, { protocol, groups }, more = {}) {
  const meter = cpuMeter({ server: target.pid, postgres: postgres.pid, load: load.pid });
  const before = await target.stored();
  const mix = `${protocol} ${groups}`;
  const first = (target.next[mix] ??= 0);
  const question = { ...load_options, ...more, target: target.address, protocol, groups, first };
  const { sent, taken, statuses, ...answer } = await load.ask('run', question);
  const cpu = meter();
  const after = await target.stored();
  target.next[mix] += sent;
  const figures = {
    per_second: taken / answer.seconds,
    p50_ms: answer.p50,
    p95_ms: answer.p95,
    p99_ms: answer.p99,
    cpu_per_1000: Object.fromEntries(
      Object.entries(cpu).map(([name, used]) => [name, perThousand(used, taken)]),
    ),
  };
  const added = Object.keys(after).map((name) => [name, after[name] - before[name]]);
  return { figures, sent, taken, statuses, stored: Object.fromEntries(added) };
}

/** Latency at 70 % of the highest rate, each request counted from the time it was due. */
export function measurePaced(context, target, mix, highest) {
  return measure(context, target, mix, { rate: highest * MODERATE });
}

/** Everything taken is counted and kept, and nothing else is; nothing was refused. */
export function isExact({ sent, taken, stored }) {
  return sent === taken && stored.counted === taken && stored.occurrences === taken;
}
