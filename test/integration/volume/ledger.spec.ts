import { register } from 'prom-client';
import { FoldService } from '../../../src/modules/errors/figures/fold.service.js';
import { LedgerReader } from '../../../src/modules/errors/volume/ledger.reader.js';
import { parseErrorReport } from '../../../src/modules/errors/ingest/parse-error-report.js';
import { addToLedger, MAX_SOURCES, OTHER_SOURCES } from '../../../src/modules/errors/volume/ledger-store.js';
import { LossLedger } from '../../../src/modules/errors/volume/loss-ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, reportingKey, SetClock } from '../errors/errors-process.js';

const HOUR = 3_600_000;

describe('the ledger', () => {
  let database: TestDatabase;
  const clock = new SetClock(new Date('2026-11-23T12:30:00Z'));
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => database.dataSource.query('TRUNCATE error_ledger'));

  const lines = async (): Promise<Record<string, number>> => {
    const rows = await database.dataSource.query<{ line: string; count: number }[]>(
      `SELECT concat_ws(' ', to_char(hour AT TIME ZONE 'UTC', 'HH24'), source, outcome, reason) AS line, count::int AS count
       FROM error_ledger ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ line, count }) => [line.trim(), count]));
  };

  it('adds up by hour, source, outcome and reason', async () => {
    const at = (minutes: number) => new Date(Date.UTC(2026, 10, 23, 12, minutes));
    const accepted = { source: 'api', outcome: 'accepted' as const, reason: '', count: 2 };
    await addToLedger(database.dataSource, [
      { ...accepted, at: at(0) },
      { ...accepted, at: at(59) },
      { ...accepted, at: at(60) },
      { ...accepted, at: at(0), count: 0, source: 'nothing' },
    ]);
    await addToLedger(database.dataSource, [{ ...accepted, at: at(30), count: 5 }]);
    await addToLedger(database.dataSource, []);
    expect(await lines()).toEqual({ '12 api accepted': 9, '13 api accepted': 2 });
  });

  it('tells so many sources of an hour apart, and adds the others up under one name', async () => {
    const at = new Date('2026-11-23T12:00:00Z');
    const of = (name: string, outcome: 'accepted' | 'sampled' = 'accepted') => ({
      at,
      source: name,
      outcome,
      reason: '',
      count: 1,
    });
    const many = Array.from({ length: MAX_SOURCES - 1 }, (_, n) => of(`made up ${n}`));
    await addToLedger(database.dataSource, many);
    await addToLedger(database.dataSource, [of('a last one'), of('a last one', 'sampled'), of('b'), of('c')]);
    await addToLedger(database.dataSource, [of('made up 0'), of('d'), of('b')]);
    const [row] = await database.dataSource.query<{ sources: number; sum: number }[]>(
      'SELECT count(DISTINCT source)::int AS sources, sum(count)::int AS sum FROM error_ledger',
    );
    expect(row).toEqual({ sources: MAX_SOURCES + 1, sum: MAX_SOURCES - 1 + 4 + 3 });
    const all = await lines();
    expect(all[`12 ${OTHER_SOURCES} accepted`]).toBe(4);
    expect(all['12 a last one sampled']).toBe(1);
    expect(all['12 made up 0 accepted']).toBe(2);
  });

  it('writes losses down when it is told to, and at shutdown; keeps them while it cannot', async () => {
    const ledger = new LossLedger(database.dataSource, clock);
    ledger.add({ source: 'api', outcome: 'limited', reason: 'key' });
    ledger.add({ source: 'api', outcome: 'limited', reason: 'key', count: 2 });
    ledger.add({ source: 'api', outcome: 'client_discarded', reason: 'x'.repeat(10_000), count: 7 });
    ledger.add({ source: 'api', outcome: 'invalid', count: Number.NaN });
    ledger.add({ source: 'api', outcome: 'invalid', count: -3 });
    await database.dataSource.query('ALTER TABLE error_ledger RENAME TO error_ledger_gone');
    await ledger.flush();
    await database.dataSource.query('ALTER TABLE error_ledger_gone RENAME TO error_ledger');
    ledger.add({ source: 'api', outcome: 'limited', reason: 'key' });
    await ledger.beforeApplicationShutdown();
    await ledger.flush();
    expect(await lines()).toEqual({ '12 api limited key': 4, '12 api client_discarded other': 7 });
  });

  it('holds no more in memory for names that are made up', async () => {
    const ledger = new LossLedger(database.dataSource, clock);
    for (let n = 0; n < 10_000; n++) ledger.add({ source: `made up ${n}`, outcome: 'forbidden' });
    await ledger.flush();
    const [row] = await database.dataSource.query<{ rows: number; sum: number }[]>(
      'SELECT count(*)::int AS rows, sum(count)::int AS sum FROM error_ledger',
    );
    expect(row!.sum).toBe(10_000);
    expect(row!.rows).toBeLessThanOrEqual(MAX_SOURCES + 1);
  });

  it('accounts for every report that was sent', async () => {
    const settings = { ERROR_LIMIT_PER_KEY: 60, ERROR_LIMIT_PER_GROUP: 55, OCCURRENCE_BUDGET: 10 };
    const processes = await Promise.all([1, 2].map(() => ErrorsProcess.start(database.url, clock, settings)));
    const restricted = reportingKey('33333333-3333-7333-8333-333333333333', ['mine']);
    const send = async (n: number): Promise<unknown> => {
      const process = processes[n % 2]!;
      if (n % 20 === 3) return process.report({ message: 'x', source: 'theirs' }, { principal: restricted });
      if (n % 20 === 4) return process.intake.read(() => parseErrorReport({ message: 7 }));
      if (n % 20 === 5) return process.report({ message: 'Rare', source: 'web' });
      return process.report({ message: 'Flood', source: 'api' }, { idempotencyKey: `key ${n % 100}` });
    };
    const SENT = 300;
    const answers = await Promise.allSettled(Array.from({ length: SENT }, (_, n) => send(n)));
    await Promise.all(processes.map(({ ledger }) => ledger.flush()));
    await new FoldService(database.dataSource, clock).fold();
    await Promise.all(processes.map((process) => process.stop()));

    const { received, totals } = await new LedgerReader(database.dataSource, clock).ledger({
      from: clock.now(),
      to: new Date(clock.now().getTime() + HOUR),
      group_by: 'hour',
    });
    const counted = (outcome: string, reason: string | null = null) =>
      totals.find((line) => line.outcome === outcome && line.reason === reason)?.count;
    const failures = answers.filter(({ status }) => status === 'rejected').length;
    const stored = await database.dataSource.query<{ source: string; count: number; kept: number }[]>(
      `SELECT source, count::int, (SELECT count(*)::int FROM error_occurrences o WHERE o.error_id = e.id) AS kept
       FROM errors e WHERE source IN ('api', 'web') ORDER BY source`,
    );
    expect(received).toBe(SENT);
    expect(counted('accepted')).toBe(stored.reduce((sum, { count }) => sum + count, 0));
    expect(counted('accepted')! + counted('repeated')!).toBe(SENT - failures);
    expect(counted('sampled')).toBe(stored.reduce((sum, { count, kept }) => sum + count - kept, 0));
    expect(counted('forbidden')).toBe(15);
    expect(counted('invalid')).toBe(15);
    expect(counted('limited', 'key')).toBeGreaterThan(0);
    expect(counted('limited', 'group')).toBeGreaterThan(0);
    expect(counted('limited', 'key')! + counted('limited', 'group')!).toBe(failures - 30);
  });

  it('answers over a span of time, by hour or day', async () => {
    const at = (hours: number) => new Date(Date.UTC(2026, 10, 22) + hours * HOUR);
    const line = (hours: number, source: string, outcome: 'accepted' | 'sampled', count: number) => ({
      at: at(hours),
      source,
      outcome,
      reason: '',
      count,
    });
    await addToLedger(database.dataSource, [
      line(0, 'api', 'accepted', 10),
      line(0, 'api', 'sampled', 4),
      line(23, 'web', 'accepted', 5),
      line(24, 'api', 'accepted', 1),
      { at: at(24), source: 'api', outcome: 'limited', reason: 'spike', count: 100 },
      line(40, 'api', 'accepted', 1_000),
    ]);
    const reader = new LedgerReader(database.dataSource, clock);
    const days = await reader.ledger({ from: at(0), to: at(36), group_by: 'day' });
    expect(days).toEqual({
      from: at(0),
      to: at(36),
      received: 116,
      totals: [
        { outcome: 'accepted', reason: null, count: 16 },
        { outcome: 'sampled', reason: null, count: 4 },
        { outcome: 'limited', reason: 'spike', count: 100 },
      ],
      buckets: [
        {
          start: at(0),
          lines: [
            { outcome: 'accepted', reason: null, count: 15 },
            { outcome: 'sampled', reason: null, count: 4 },
          ],
        },
        {
          start: at(24),
          lines: [
            { outcome: 'accepted', reason: null, count: 1 },
            { outcome: 'limited', reason: 'spike', count: 100 },
          ],
        },
      ],
      sources: [
        { source: 'api', accepted: 11, lost: 100 },
        { source: 'web', accepted: 5, lost: 0 },
      ],
    });
    const hours = await reader.ledger({ from: at(0), to: at(36), source: 'api', group_by: 'hour' });
    expect(hours.buckets.map(({ start }) => start)).toEqual([at(0), at(24)]);
    expect(hours.received).toBe(111);
    // Without a span: the 24 hours until now.
    expect((await reader.ledger({ group_by: 'hour' })).from).toEqual(at(12));
    await expect(reader.ledger({ from: at(0), to: at(24 * 40), group_by: 'hour' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await expect(reader.ledger({ from: at(2), to: at(1), group_by: 'hour' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('shows in the metrics', async () => {
    new LossLedger(database.dataSource, clock).add({
      source: 'api',
      outcome: 'limited',
      reason: 'spike',
      count: 3,
    });
    expect(await register.metrics()).toMatch(
      /watchkeep_errors_lost_total\{outcome="limited",reason="spike"\} \d+/,
    );
  });
});
