import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { ensurePartitions } from '../../../src/database/partitions.js';
import { ExpiredGroups } from '../../../src/modules/errors/volume/expired-groups.js';
import { OccurrenceEviction } from '../../../src/modules/errors/volume/occurrence-eviction.js';
import { VolumeCleanUp } from '../../../src/modules/errors/volume/volume-clean-up.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, RecordingBus, SetClock } from '../errors/errors-process.js';
import { DAY, retentionOf } from '../retention/retention-parts.js';

const NOON = Date.UTC(2026, 10, 23, 12);

describe('making room among errors', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let clock: SetClock;
  let bus: RecordingBus;
  beforeEach(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    clock = new SetClock(new Date(NOON));
    bus = new RecordingBus();
  });
  afterEach(() => database.drop());

  const cleanUp = (environment: Parameters<typeof retentionOf>[1] = {}) =>
    new VolumeCleanUp(
      dataSource,
      retentionOf(dataSource, environment),
      new OccurrenceEviction(dataSource, clock),
      new ExpiredGroups(dataSource, bus, clock),
      clock,
    ).cleanUp();
  /** One error of each source, with so many occurrences a day over the last days; the clock stands at the last. */
  const fill = async (days: number, perDay: number, bytes = 100): Promise<string[]> => {
    const ids = [v7(), v7()];
    for (const [index, source] of ['api', 'web'].entries())
      await dataSource.query(
        `INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, source, count, first_seen,
           last_seen, created_at, updated_at) VALUES ($1, $2, 1, '', 'error', 'm', $2, 1, $3, $3, $3, $3)`,
        [ids[index], source, clock.now()],
      );
    for (let day = days - 1; day >= 0; day--) {
      const at = new Date(NOON - day * DAY);
      await ensurePartitions(dataSource, at);
      await dataSource.query(
        `INSERT INTO error_occurrences (error_id, received_at, id, level, message)
         SELECT CASE WHEN n % 4 = 0 THEN $2::uuid ELSE $1::uuid END, $3::timestamptz, gen_random_uuid(), 'error',
           (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, $5::int / 32) i)
         FROM generate_series(1, $4::int) n`,
        [...ids, at, perDay, bytes],
      );
    }
    return ids;
  };
  const countsByDay = () =>
    dataSource.query<{ day: string; count: number }[]>(
      `SELECT to_char(received_at AT TIME ZONE 'UTC', 'MM-DD') AS day, count(*)::int AS count FROM error_occurrences
       GROUP BY 1 ORDER BY 1`,
    );
  const evicted = () =>
    dataSource.query(
      `SELECT source, reason, count::int FROM error_ledger WHERE outcome = 'evicted' ORDER BY reason, source`,
    );
  const bytes = async () => {
    const [row] = await dataSource.query<{ bytes: number }[]>(
      `SELECT sum(pg_total_relation_size(inhrelid))::float8 AS bytes FROM pg_inherits
       WHERE inhparent = 'error_occurrences'::regclass`,
    );
    return row!.bytes;
  };

  it('drops days that are too old, and writes down how many occurrences went', async () => {
    await fill(4, 8);
    expect((await cleanUp({ OCCURRENCE_RETENTION: 2 * DAY })).evicted).toEqual({
      age: { days: 2, occurrences: 8 },
      disk_budget: { days: 0, occurrences: 0 },
    });
    expect((await countsByDay()).map(({ day }) => day)).toEqual(['11-21', '11-22', '11-23']);
    expect(await evicted()).toEqual([
      { source: 'api', reason: 'age', count: 6 },
      { source: 'web', reason: 'age', count: 2 },
    ]);
    expect((await cleanUp({ OCCURRENCE_RETENTION: 2 * DAY })).evicted.age.days).toBe(0);
  });

  it('drops the oldest days until all fit their disk budget, and never today', async () => {
    await fill(4, 400, 4_000);
    const all = await bytes();
    const budget = Math.round(all * 0.6);
    const report = await cleanUp({ OCCURRENCE_DISK_BUDGET: budget });
    expect(await bytes()).toBeLessThanOrEqual(budget);
    expect((await countsByDay()).map(({ day }) => day)).toEqual(['11-22', '11-23']);
    expect(report.evicted.disk_budget.occurrences).toBe(800);
    expect(await evicted()).toEqual([
      { source: 'api', reason: 'disk_budget', count: 600 },
      { source: 'web', reason: 'disk_budget', count: 200 },
    ]);
    await cleanUp({ OCCURRENCE_DISK_BUDGET: 1 });
    expect((await countsByDay()).map(({ day }) => day)).toEqual(['11-23']);
    await cleanUp({ OCCURRENCE_DISK_BUDGET: 1 });
    expect(await countsByDay()).toHaveLength(1);
    // Coming days are still there to be written to.
    await dataSource.query(
      `INSERT INTO error_occurrences (error_id, received_at, id, level, message) VALUES ($1, $2, $1, 'error', 'm')`,
      [v7(), new Date(NOON + DAY)],
    );
  });

  it('takes what people chose before what the environment says', async () => {
    await fill(3, 4);
    await dataSource.query(
      `INSERT INTO settings (name, value, updated_at, updated_by) VALUES ('retention', $1, now(), 'test')`,
      [JSON.stringify({ occurrences: '1d', occurrences_disk_budget: 'none' })],
    );
    await cleanUp({ OCCURRENCE_DISK_BUDGET: 1 });
    expect((await countsByDay()).map(({ day }) => day)).toEqual(['11-22', '11-23']);
  });

  it('removes errors that were not seen for long, with all that belongs to them', async () => {
    const one = await ErrorsProcess.start(database.url, clock, { OCCURRENCE_BUDGET: 1 });
    clock.time = new Date(NOON - 20 * DAY);
    await ensurePartitions(dataSource, clock.now());
    const old = await one.report({ message: 'Old' });
    const again = await one.report({ message: 'Old, and seen again' });
    await one.reportAll([
      { message: 'Old and often' },
      { message: 'Old and often' },
      { message: 'Old and often' },
    ]);
    clock.time = new Date(NOON);
    await ensurePartitions(dataSource, clock.now());
    await one.report({ message: 'Old, and seen again' });
    const young = await one.report({ message: 'Young' });
    expect(await dataSource.query('SELECT FROM error_last_occurrences')).toHaveLength(1);
    expect((await cleanUp({ ERROR_RETENTION: 10 * DAY })).errors).toBe(2);
    const left = await dataSource.query<{ id: string }[]>('SELECT id FROM errors ORDER BY first_seen');
    expect(left.map(({ id }) => id)).toEqual([again.id, young.id]);
    expect(bus.idsOf('errors.updated')).toContain(old.id);
    expect(await dataSource.query('SELECT FROM error_last_occurrences')).toEqual([]);
    expect(
      await dataSource.query('SELECT FROM error_occurrences WHERE error_id <> ALL($1)', [
        [again.id, young.id],
      ]),
    ).toEqual([]);
    expect((await cleanUp()).errors).toBe(0);
    await one.stop();
  });

  it('leaves what was merged as long as what it is merged into', async () => {
    const [target, merged, lone] = [v7(), v7(), v7()];
    const insert = (id: string, into: string | null, daysAgo: number) =>
      dataSource.query(
        `INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, source, count, first_seen,
           last_seen, created_at, updated_at, merged_into) VALUES ($1::uuid, $1::uuid::text, 1, '', 'error', 'm', 'api', 1, $3, $3, $3, $3, $2)`,
        [id, into, new Date(NOON - daysAgo * DAY)],
      );
    await insert(target, null, 1);
    await insert(merged, target, 50);
    for (let n = 0; n < 250; n++) await insert(n === 0 ? lone : v7(), null, 40);
    expect((await cleanUp({ ERROR_RETENTION: 10 * DAY })).errors).toBe(250);
    expect(await dataSource.query('SELECT FROM errors')).toHaveLength(2);
    expect(bus.idsOf('errors.regrouped')).toEqual([]);
    clock.time = new Date(NOON + 20 * DAY);
    await ensurePartitions(dataSource, clock.now());
    expect((await cleanUp({ ERROR_RETENTION: 10 * DAY })).errors).toBe(1);
    expect(await dataSource.query('SELECT FROM errors')).toEqual([]);
    expect(bus.idsOf('errors.regrouped')).toEqual([target]);
  });

  it('forgets event ids after a day, also very many, and old lines of the ledger', async () => {
    await dataSource.query(
      `INSERT INTO idempotency_keys SELECT 'event:api', md5(n::text), $1, $2::timestamptz - n * interval '1 second'
       FROM generate_series(1, 110000) n`,
      [v7(), clock.now()],
    );
    await dataSource.query(
      `INSERT INTO error_ledger SELECT $1::timestamptz - n * interval '1 day', 'api', 'accepted', '', 1 FROM generate_series(0, 99) n`,
      [clock.now()],
    );
    expect((await cleanUp()).rows).toEqual({ idempotency_keys: 23_600, error_ledger: 9, error_spikes: 0 });
    expect((await cleanUp()).rows['idempotency_keys']).toBe(0);
  });
});
