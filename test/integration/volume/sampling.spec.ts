import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { ensurePartitions } from '../../../src/database/partitions.js';
import { FoldService } from '../../../src/modules/errors/figures/fold.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from '../errors/errors-process.js';

const BUDGET = 8;

/** Whether the nth report of a day is kept as an occurrence, said in another way than the statement says it. */
function isKept(rank: number): boolean {
  let step = 1;
  while (rank > BUDGET * step) step *= 2;
  return rank % step === 0;
}

describe('occurrences of a flood', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let clock: SetClock;
  let processes: ErrorsProcess[];
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    clock = new SetClock(new Date('2026-11-23T22:00:00Z'));
    processes = await Promise.all(
      [1, 2].map(() => ErrorsProcess.start(database.url, clock, { OCCURRENCE_BUDGET: BUDGET })),
    );
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await database.drop();
  });

  const groupOf = async (source: string) => {
    const [group] = await dataSource.query<{ id: string; count: number; day_count: number }[]>(
      'SELECT id, count::int, day_count FROM errors WHERE source = $1',
      [source],
    );
    return group!;
  };
  /** The numbers that reports carried whose occurrences are kept, in order. */
  const keptOf = async (id: string): Promise<number[]> => {
    const rows = await dataSource.query<{ n: number }[]>(
      `SELECT (context ->> 'n')::int AS n FROM error_occurrences WHERE error_id = $1 ORDER BY 1`,
      [id],
    );
    return rows.map(({ n }) => n);
  };
  const report = (source: string, n: number, of = processes[0]!) =>
    of.report({ message: 'Flood', source, context: { n } });

  it('keeps all within the budget, then one in 2, 4, 8…, however the reports fall into flushes', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (flushes) => {
          const source = `property ${runs++}`;
          let n = 0;
          for (const [index, size] of flushes.entries()) {
            const process = processes[index % 2]!;
            // In order: those of one flush are ranked as they came.
            await Promise.all(Array.from({ length: size }, () => report(source, ++n, process)));
          }
          const group = await groupOf(source);
          expect(group.count).toBe(n);
          const expected = Array.from({ length: n }, (_, index) => index + 1).filter(isKept);
          expect(await keptOf(group.id)).toEqual(expected);
          // The last one can be read, kept or not.
          const { occurrences, total } = await processes[0]!.reader.occurrences(group.id, {
            limit: 100,
            offset: 0,
          });
          expect(occurrences.map(({ context }) => context['n'])).toContain(n);
          expect(total).toBeGreaterThanOrEqual(expected.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('spreads over a flood, and grows with its logarithm', () => {
    const kept = (count: number) => Array.from({ length: count }, (_, index) => index + 1).filter(isKept);
    expect(kept(8)).toHaveLength(8);
    for (const doublings of [1, 5, 10, 14]) {
      const count = BUDGET * 2 ** doublings;
      expect(kept(count)).toHaveLength(BUDGET + (doublings * BUDGET) / 2);
      const late = kept(count).filter((rank) => rank > count / 2);
      expect(late).toHaveLength(BUDGET / 2);
    }
  });

  it('loses no count when two processes store the same flood at once', async () => {
    const REPORTS = 400;
    await Promise.all(Array.from({ length: REPORTS }, (_, n) => report('both', n, processes[n % 2])));
    const group = await groupOf('both');
    expect(group).toMatchObject({ count: REPORTS, day_count: REPORTS });
    const ranks = Array.from({ length: REPORTS }, (_, index) => index + 1);
    expect(await keptOf(group.id)).toHaveLength(ranks.filter(isKept).length);
    await new FoldService(dataSource, clock).fold();
    const [ledger] = await dataSource.query<{ accepted: number; sampled: number }[]>(
      `SELECT sum(count) FILTER (WHERE outcome = 'accepted')::int AS accepted,
         sum(count) FILTER (WHERE outcome = 'sampled')::int AS sampled FROM error_ledger WHERE source = 'both'`,
    );
    expect(ledger).toEqual({ accepted: REPORTS, sampled: REPORTS - ranks.filter(isKept).length });
  });

  it('keeps the report with which an error comes back', async () => {
    const { id } = await report('back', 1);
    for (let n = 2; n <= 20; n++) await report('back', n);
    expect(isKept(21)).toBe(false);
    await dataSource.query('UPDATE errors SET resolved = true, resolved_at = now() WHERE id = $1', [id]);
    expect((await report('back', 21)).outcome).toBe('regression');
    expect(await keptOf(id)).toContain(21);
  });

  it('begins anew with the day, and counts on', async () => {
    for (let n = 1; n <= 40; n++) await report('midnight', n);
    clock.time = new Date('2026-11-23T23:59:59.999Z');
    await report('midnight', 41);
    clock.time = new Date('2026-11-24T00:00:00.000Z');
    await ensurePartitions(dataSource, clock.now());
    for (let n = 42; n <= 42 + BUDGET; n++) await report('midnight', n);
    const group = await groupOf('midnight');
    expect(group).toMatchObject({ count: 42 + BUDGET, day_count: BUDGET + 1 });
    const kept = await keptOf(group.id);
    expect(kept.filter((n) => n <= 41)).toEqual(
      Array.from({ length: 41 }, (_, index) => index + 1).filter(isKept),
    );
    expect(kept.filter((n) => n > 41)).toEqual(Array.from({ length: BUDGET }, (_, index) => 42 + index));
    const { occurrences } = await processes[0]!.reader.occurrences(group.id, { limit: 2, offset: 0 });
    expect(occurrences.map(({ context }) => context['n'])).toEqual([42 + BUDGET, 41 + BUDGET]);
  });
});
