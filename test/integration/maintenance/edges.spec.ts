import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source.js';
import { StatementCounter } from '../../../src/database/statement-counter.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { statusOf, TestClock } from '../monitoring/monitoring-parts.js';
import { historyOf, insertOperational, makeMaintenance, resetMaintenance } from './maintenance-parts.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = '2026-06-10';

describe('maintenance windows in effect', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let clock: TestClock;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  const at = (time: string, day = DAY) => new Date(`${day}T${time}Z`);
  /** Begins at a time, by a clock that only tests move. */
  async function begin(time = '09:00:00', day = DAY) {
    clock = new TestClock();
    await resetMaintenance(dataSource, clock.hold(at(time, day).getTime()));
    return makeMaintenance(dataSource, clock);
  }
  type Maintenance = Awaited<ReturnType<typeof begin>>;

  /** Runs a beat at each of these times. */
  async function beats({ states }: Maintenance, times: string[], day = DAY): Promise<void> {
    for (const time of times) {
      clock.hold(at(time, day).getTime());
      await states.update();
    }
  }
  const once = (from: string, to: string) => ({
    title: 'Work',
    all_endpoints: true,
    starts_at: at(from),
    ends_at: at(to),
  });

  it('begin and end at their own times, not at those of the beats', async () => {
    const maintenance = await begin();
    const [id] = await insertOperational(dataSource, clock.now().getTime());
    await maintenance.windows.create(once('10:00:00', '10:30:00'));
    await beats(maintenance, ['09:30:00', '09:59:59.900', '10:00:00.700']);
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'maintenance',
      status_since: at('10:00:00'),
      measured_status: 'operational',
      maintenance: true,
    });
    await beats(maintenance, ['10:00:01.700', '10:29:59.950', '10:30:00.950', '10:30:01.950']);
    expect(await historyOf(dataSource, id!, DAY)).toEqual([
      '10:00:00.000Z maintenance',
      '10:30:00.000Z operational',
    ]);
    expect(maintenance.bus.changes).toMatchObject([
      {
        endpoint_id: id,
        previous_state: 'operational',
        state: 'maintenance',
        status: 'unknown',
        at: `${DAY}T10:00:00.000Z`,
      },
      {
        endpoint_id: id,
        previous_state: 'maintenance',
        state: 'operational',
        status: 'healthy',
        at: `${DAY}T10:30:00.000Z`,
      },
    ]);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29', '0 1 * * *', ['00:00:00', '02:00:00']],
    ['Europe/Berlin', '2026-03-29', '30 2 * * *', ['01:00:00', '03:00:00']],
    ['Europe/Berlin', '2026-10-25', '30 2 * * *', ['00:30:00', '02:30:00']],
    ['America/New_York', '2026-03-08', '30 2 * * *', ['07:00:00', '09:00:00']],
    ['America/New_York', '2026-11-01', '30 1 * * *', ['05:30:00', '07:30:00']],
    ['Australia/Lord_Howe', '2026-04-04', '45 1 * * *', ['14:45:00', '16:45:00']],
    ['Asia/Tokyo', '2026-03-29', '30 9 * * *', ['00:30:00', '02:30:00']],
  ])('last two hours in %s on %s, from %s', async (time_zone, day, cron, [from, to]) => {
    const maintenance = await begin('00:00:00', day);
    clock.advance(-HOUR);
    await resetMaintenance(dataSource, clock.now().getTime());
    const [id] = await insertOperational(dataSource, clock.now().getTime());
    await maintenance.windows.create({
      title: 'Nightly',
      all_endpoints: true,
      cron,
      duration: '2h',
      time_zone,
    });
    const minutes = Array.from({ length: 23 * 20 }, (_, index) => index * 3);
    for (const minute of minutes) {
      clock.hold(at('00:00:00', day).getTime() + minute * MINUTE + 345);
      await maintenance.states.update();
    }
    expect(await historyOf(dataSource, id!, day)).toEqual([
      `${from}.000Z maintenance`,
      `${to}.000Z operational`,
    ]);
  });

  it('are one when they overlap or touch', async () => {
    const maintenance = await begin();
    const [both, first] = await insertOperational(dataSource, clock.now().getTime(), [{}, {}]);
    await maintenance.windows.create(once('10:00:00', '11:00:00'));
    const scope = { all_endpoints: false, endpoint_ids: [both!] };
    await maintenance.windows.create({ ...once('10:30:00', '11:30:00'), ...scope });
    await maintenance.windows.create({ ...once('11:30:00', '12:00:00'), ...scope });
    await beats(maintenance, ['10:00:00', '10:45:00', '11:15:00', '11:30:00', '11:45:00', '12:15:00']);
    expect(await historyOf(dataSource, first!, DAY)).toEqual([
      '10:00:00.000Z maintenance',
      '11:00:00.000Z operational',
    ]);
    expect(await historyOf(dataSource, both!, DAY)).toEqual([
      '10:00:00.000Z maintenance',
      '12:00:00.000Z operational',
    ]);
    expect(maintenance.bus.changes).toHaveLength(4);
  });

  describe('while no worker ran', () => {
    it('are recorded for their own times', async () => {
      const maintenance = await begin();
      const [id] = await insertOperational(dataSource, clock.now().getTime());
      await maintenance.windows.create(once('10:00:00', '11:00:00'));
      await maintenance.windows.create(once('11:30:00', '11:40:00'));
      await beats(maintenance, ['09:30:00', '12:00:00']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([
        '10:00:00.000Z maintenance',
        '11:00:00.000Z operational',
        '11:30:00.000Z maintenance',
        '11:40:00.000Z operational',
      ]);
      expect(maintenance.bus.changes.map(({ at: time }) => time)).toEqual(
        ['10:00:00', '11:00:00', '11:30:00', '11:40:00'].map((time) => at(time).toISOString()),
      );
    });

    it('leave what was recorded since as it is', async () => {
      const maintenance = await begin();
      const [id, inside] = await insertOperational(dataSource, clock.now().getTime(), [{}, {}]);
      await maintenance.windows.create(once('10:00:00', '11:00:00'));
      await dataSource.query(
        `UPDATE endpoint_status SET status_since = CASE WHEN endpoint_id = $1 THEN $2 ELSE $3 END::timestamptz`,
        [id, at('11:59:59'), at('10:20:00')],
      );
      await dataSource.query(
        `UPDATE endpoint_state_intervals SET started_at = CASE WHEN endpoint_id = $1 THEN $2 ELSE $3 END::timestamptz`,
        [id, at('11:59:59'), at('10:20:00')],
      );
      await beats(maintenance, ['12:00:00']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([]);
      expect(await historyOf(dataSource, inside!, DAY)).toEqual([
        '10:20:00.001Z maintenance',
        '11:00:00.000Z operational',
      ]);
    });

    it('and nothing was measured either, that is unknown', async () => {
      const maintenance = await begin();
      const [id, covered] = await insertOperational(dataSource, clock.now().getTime(), [{}, {}]);
      await dataSource.query('UPDATE endpoint_status SET next_check_at = $1', [at('09:31:00')]);
      await maintenance.windows.create(once('10:00:00', '11:00:00'));
      const already = { ...once('09:10:00', '11:00:00'), all_endpoints: false, endpoint_ids: [covered!] };
      await maintenance.windows.create(already);
      await beats(maintenance, ['09:30:00', '12:00:00']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([
        '09:31:00.000Z unknown',
        '10:00:00.000Z maintenance',
        '11:00:00.000Z unknown',
      ]);
      expect(await historyOf(dataSource, covered!, DAY)).toEqual([
        '09:10:00.000Z maintenance',
        '11:00:00.000Z unknown',
      ]);
      expect(await statusOf(dataSource, id!)).toMatchObject({
        measured_status: 'unknown',
        consecutive_successes: 0,
      });
    });

    it('another worker carries on where the last one stopped', async () => {
      const maintenance = await begin();
      const [id] = await insertOperational(dataSource, clock.now().getTime());
      await maintenance.windows.create(once('10:00:00', '11:00:00'));
      await beats(maintenance, ['10:00:00.500']);
      const other = makeMaintenance(dataSource, clock);
      await beats(other, ['10:00:00.500', '10:30:00', '11:10:00']);
      await beats(maintenance, ['11:10:00.500', '11:10:01.500']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([
        '10:00:00.000Z maintenance',
        '11:00:00.000Z operational',
      ]);
    });
  });

  it('are applied once by workers that run side by side', async () => {
    const maintenance = await begin();
    const ids = await insertOperational(
      dataSource,
      clock.now().getTime(),
      Array.from({ length: 200 }, () => ({})),
    );
    await maintenance.windows.create(once('10:00:00', '10:00:05'));
    const workers = [maintenance, makeMaintenance(dataSource, clock), makeMaintenance(dataSource, clock)];
    clock.hold(at('09:59:58').getTime());
    for (let beat = 0; beat < 10; beat++) {
      clock.advance(SECOND);
      await Promise.all(workers.map(({ states }) => states.update()));
    }
    const [row] = await dataSource.query<object[]>(
      `SELECT count(*)::int AS intervals, count(*) FILTER (WHERE state = 'maintenance' AND started_at = $1 AND ended_at = $2)::int AS exact
       FROM endpoint_state_intervals`,
      [at('10:00:00'), at('10:00:05')],
    );
    expect(row).toEqual({ intervals: 3 * ids.length, exact: ids.length });
  });

  it('are applied once, though a beat fails in the middle and begins anew', async () => {
    const maintenance = await begin();
    const list = Array.from({ length: 600 }, () => ({}));
    const ids = (await insertOperational(dataSource, clock.now().getTime(), list)).sort(order);
    const last = ids.at(-1)!;
    await maintenance.windows.create(once('10:00:00', '11:00:00'));
    await beats(maintenance, ['09:59:59.800']);
    const fail = async (time: string) => {
      await dataSource.query(`
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'Out of order'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON endpoint_state_intervals FOR EACH ROW
          WHEN (NEW.endpoint_id = '${last}') EXECUTE FUNCTION refuse()`);
      await expect(beats(maintenance, [time])).rejects.toThrow('Out of order');
      await dataSource.query('DROP FUNCTION refuse CASCADE');
      const half = await dataSource.query<unknown[]>('SELECT DISTINCT status_since FROM endpoint_status');
      expect(half).toHaveLength(2);
    };
    await fail('10:00:00.800');
    await beats(maintenance, ['10:00:01.800', '10:59:59.900']);
    await fail('11:00:00.900');
    await beats(maintenance, ['11:00:01.900']);
    for (const id of [ids[0]!, last]) {
      expect(await historyOf(dataSource, id, DAY)).toEqual([
        '10:00:00.000Z maintenance',
        '11:00:00.000Z operational',
      ]);
    }
    expect(maintenance.bus.changes).toHaveLength(2 * ids.length);
    const progress = await dataSource.query<object[]>('SELECT applied_until FROM maintenance_progress');
    expect(progress).toEqual([{ applied_until: at('11:00:01.900') }]);
  });

  describe('that change', () => {
    it('take effect when they are made, ended, deleted or switched off', async () => {
      const maintenance = await begin();
      const [id] = await insertOperational(dataSource, clock.now().getTime());
      await beats(maintenance, ['10:00:00']);
      clock.advance(300);
      const first = await maintenance.windows.create(once('08:00:00', '18:00:00'));
      await beats(maintenance, ['10:00:01', '11:00:00']);
      clock.advance(300);
      await maintenance.windows.end(first);
      await beats(maintenance, ['11:00:01', '12:00:00']);
      clock.advance(300);
      const second = await maintenance.windows.create(once('08:00:00', '18:00:00'));
      await beats(maintenance, ['12:00:01', '13:00:00']);
      clock.advance(300);
      await maintenance.windows.delete(second);
      await beats(maintenance, ['13:00:01', '14:00:00']);
      const third = await maintenance.windows.create({ ...once('08:00:00', '18:00:00'), enabled: false });
      await beats(maintenance, ['14:00:01', '15:00:00']);
      clock.advance(300);
      await maintenance.windows.change(third, { enabled: true });
      await beats(maintenance, ['15:00:01', '16:00:00']);
      clock.advance(300);
      await maintenance.windows.change(third, { ends_at: at('15:00:30') });
      await beats(maintenance, ['16:00:01']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([
        '10:00:00.300Z maintenance',
        '11:00:00.300Z operational',
        '12:00:00.300Z maintenance',
        '13:00:00.300Z operational',
        '15:00:00.300Z maintenance',
        '16:00:00.300Z operational',
      ]);
    });

    it('go on when they are prolonged, and come back after an early end', async () => {
      const maintenance = await begin();
      const [id] = await insertOperational(dataSource, clock.now().getTime());
      const window = await maintenance.windows.create(once('10:00:00', '11:00:00'));
      await beats(maintenance, ['10:30:00']);
      await maintenance.windows.change(window, { ends_at: at('11:30:00') });
      await beats(maintenance, ['10:30:01', '11:10:00', '11:40:00']);
      const nightly = { title: 'Hourly', all_endpoints: true, cron: '0 * * * *', duration: '30m' };
      const hourly = await maintenance.windows.create(nightly);
      await beats(maintenance, ['12:10:00']);
      await maintenance.windows.end(hourly);
      await beats(maintenance, ['12:10:01', '13:10:00']);
      expect(await historyOf(dataSource, id!, DAY)).toEqual([
        '10:00:00.000Z maintenance',
        '11:30:00.000Z operational',
        '12:00:00.000Z maintenance',
        '12:10:00.000Z operational',
        '13:00:00.000Z maintenance',
      ]);
    });
  });

  it('cover endpoints that come, join or leave meanwhile, and only those that are checked', async () => {
    const maintenance = await begin();
    const [grouped, tagged, named, off] = await insertOperational(dataSource, clock.now().getTime(), [
      {},
      {},
      {},
      { enabled: false },
    ]);
    const change = (id: string, what: string) =>
      dataSource.query(`UPDATE endpoints SET ${what}, updated_at = $2 WHERE id = $1`, [id, clock.now()]);
    await change(grouped!, `group_name = 'Payment'`);
    await maintenance.windows.create({
      ...once('10:00:00', '12:00:00'),
      all_endpoints: false,
      groups: ['Payment'],
      tags: ['db'],
      endpoint_ids: [named!, off!],
    });
    await beats(maintenance, ['10:00:00', '10:10:00']);
    clock.advance(200);
    await change(tagged!, `tags = '{db,x}'`);
    await change(grouped!, `group_name = 'Other'`);
    const [fresh] = await insertOperational(dataSource, clock.now().getTime());
    await change(fresh!, `group_name = 'Payment'`);
    await beats(maintenance, ['10:10:01']);
    const covered = await Promise.all(
      [grouped, tagged, fresh].map(async (id) => (await statusOf(dataSource, id!)).status),
    );
    expect(covered).toEqual(['operational', 'maintenance', 'maintenance']);
    await beats(maintenance, ['10:20:00']);
    await change(off!, 'enabled = true');
    await change(named!, 'enabled = false');
    await beats(maintenance, ['10:20:01', '12:00:00']);
    const histories = await Promise.all(
      [grouped, tagged, named, off, fresh].map((id) => historyOf(dataSource, id!, DAY)),
    );
    expect(histories).toEqual([
      ['10:00:00.000Z maintenance', '10:10:00.200Z operational'],
      ['10:10:00.200Z maintenance', '12:00:00.000Z operational'],
      ['10:00:00.000Z maintenance', '10:20:00.000Z operational'],
      ['10:20:00.000Z maintenance', '12:00:00.000Z operational'],
      ['10:10:00.200Z maintenance', '12:00:00.000Z operational'],
    ]);
  });

  it('ask the database once a beat while nothing is in effect, and twice while something is', async () => {
    const { windows } = await begin();
    await insertOperational(dataSource, clock.now().getTime());
    await windows.create(once('10:00:00', '11:00:00'));
    const counter = new StatementCounter();
    const counted = await new DataSource(dataSourceOptions(database.url, 1, counter)).initialize();
    try {
      const maintenance = makeMaintenance(counted, clock);
      const statements = async (time: string): Promise<number> => {
        const before = counter.counts.total_queries;
        await beats(maintenance, [time]);
        return counter.counts.total_queries - before;
      };
      expect(await statements('09:30:00')).toBeGreaterThan(1);
      expect(await statements('09:30:01')).toBe(1);
      expect(await statements('10:00:00')).toBeGreaterThan(2);
      await statements('10:00:01');
      expect(await statements('10:00:02')).toBe(2);
    } finally {
      await counted.destroy();
    }
  });
});

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
