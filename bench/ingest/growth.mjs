import { figure, progress, table } from '../lib/report.mjs';
import { medianRecord } from '../lib/statistics.mjs';
import { measure } from './measure.mjs';

const FEW = 1_000;
const FILL_SECONDS = 600;

/**
 * What an error costs when few groups are stored and when many are: reports go to groups that are there already, spread
 * over all of them. The many are reported like any other, in batches.
 */
export async function measureGrowth(context, target, { stored, rounds }) {
  const parts = [];
  for (const groups of [FEW, stored]) {
    await fill(context, target, groups);
    await target.database.query('VACUUM ANALYZE errors');
    const runs = [];
    for (let round = 1; round <= rounds; round++)
      runs.push((await measure(context, target, { protocol: 'single', groups })).figures);
    parts.push({ groups, ...medianRecord(runs) });
  }
  const cost = ({ cpu_per_1000: { server, postgres } }) => server + postgres;
  return { parts, ratio: cost(parts[1]) / cost(parts[0]) };
}

/** Reports every group once. */
async function fill({ load }, target, groups) {
  progress(`Filling the database with ${figure(groups)} groups …`);
  await load.ask('run', {
    target: target.address,
    protocol: 'batch',
    connections: 10,
    seconds: FILL_SECONDS,
    groups,
    first: 0,
    most: Math.ceil(groups / 100),
  });
}

export function renderGrowth({ parts, ratio }) {
  return [
    `What an error costs as more groups are stored: ${figure(ratio, 2)} × (API and PostgreSQL together).`,
    table(
      ['groups stored', 'errors/s', 'p50 ms', 'p99 ms', 'CPU s/1000: server', 'PostgreSQL'],
      parts.map(({ groups, per_second, p50_ms, p99_ms, cpu_per_1000: { server, postgres } }) => [
        figure(groups),
        figure(per_second),
        figure(p50_ms, 1),
        figure(p99_ms, 1),
        figure(server, 3),
        figure(postgres, 3),
      ]),
    ),
  ];
}
