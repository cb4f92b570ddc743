import type { DataSource } from 'typeorm';
import { uptimePercent, uptimeSums } from '../../../src/modules/monitoring/statistics/uptime.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { makeWorker, result, statusOf, TestClock } from '../monitoring/monitoring-parts.js';
import { historyOf, insertOperational, makeMaintenance, resetMaintenance } from './maintenance-parts.js';

const MINUTE = 60_000;

describe('checks during maintenance', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  it('a failure inside a window shows at its end, and not before', async () => {
    const clock = new TestClock();
    const start = clock.hold(Date.now() - 10 * MINUTE);
    await resetMaintenance(dataSource, start);
    const [id, steady] = await insertOperational(dataSource, start, [{}, {}]);
    const maintenance = makeMaintenance(dataSource, clock);
    const { writer, bus } = makeWorker(dataSource, clock);
    const [from, to] = [start + MINUTE, start + 5 * MINUTE];
    await maintenance.windows.create({
      title: 'Work',
      all_endpoints: true,
      starts_at: new Date(from),
      ends_at: new Date(to),
    });
    const observe = async (minute: number, verdict: 'operational' | 'major_outage') => {
      clock.hold(start + minute * MINUTE);
      await maintenance.states.update();
      await Promise.all([
        writer.write(result(id!, start + minute * MINUTE, verdict)),
        writer.write(result(steady!, start + minute * MINUTE)),
      ]);
      // As the dispatcher does: nothing is overdue.
      await dataSource.query(`UPDATE endpoint_status SET next_check_at = 'infinity'`);
    };
    await observe(0.5, 'operational');
    for (const minute of [1.5, 2, 2.5, 3]) await observe(minute, 'major_outage');
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'maintenance',
      measured_status: 'major_outage',
    });
    expect(bus.changes).toEqual([]);
    await observe(5.01, 'major_outage');
    await observe(8, 'operational');
    const iso = (time: number) => new Date(time).toISOString();
    expect(await historyOf(dataSource, id!)).toEqual([
      `${iso(from)} maintenance`,
      `${iso(to)} major_outage`,
      `${iso(start + 8 * MINUTE)} operational`,
    ]);
    expect(await historyOf(dataSource, steady!)).toEqual([
      `${iso(from)} maintenance`,
      `${iso(to)} operational`,
    ]);

    // Ten minutes: four of maintenance, three of outage, three good.
    const { up, known } = uptimeSums('$2::timestamptz', '$3::timestamptz');
    const [sums] = await dataSource.query<{ up: number; known: number }[]>(
      `SELECT ${up} AS up, ${known} AS known FROM endpoint_state_intervals i WHERE endpoint_id = $1`,
      [id, new Date(start), new Date(start + 10 * MINUTE)],
    );
    expect(sums).toEqual({ up: 3 * MINUTE, known: 6 * MINUTE });
    expect(uptimePercent(sums!.up, sums!.known)).toBe(50);
  });
});
