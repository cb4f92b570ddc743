import type { DataSource } from 'typeorm';
import { addToLedger } from '../../../src/modules/errors/volume/ledger-store.js';
import { SpikeEnds } from '../../../src/modules/errors/volume/spike-ends.js';
import { SpikesReader } from '../../../src/modules/errors/volume/spikes.reader.js';
import { IncidentsReader } from '../../../src/modules/incidents/incidents.reader.js';
import { SpikeIncidents } from '../../../src/modules/incidents/spike-incidents.service.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, RecordingBus, SetClock } from '../errors/errors-process.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SETTINGS = { SPIKE_PROTECTION: true, SPIKE_FLOOR: 100, SPIKE_FACTOR: 10 };
const NOON = Date.UTC(2026, 10, 23, 12);

describe('floods of errors', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let clock: SetClock;
  let processes: ErrorsProcess[];
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await dataSource.query(
      'TRUNCATE error_ledger, error_spikes, error_source_minutes, incidents, errors CASCADE',
    );
    clock = new SetClock(new Date(NOON));
    processes = await Promise.all([1, 2].map(() => ErrorsProcess.start(database.url, clock, SETTINGS)));
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const sync = async () => {
    // Twice: the second one learns what the first one of the other process has told.
    for (const { spikes } of [...processes, ...processes]) await spikes.sync();
  };
  /** Answers how many were taken. */
  const flood = async (
    count: number,
    of = processes[0]!,
    body: object = { message: 'Flood', source: 'api' },
  ) => {
    const answers = await Promise.allSettled(Array.from({ length: count }, () => of.report(body)));
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', reason: 'spike' });
    return answers.filter(({ status }) => status === 'fulfilled').length;
  };
  const incidents = new (class {
    bus = new RecordingBus();
    review = () => new SpikeIncidents(dataSource, new SpikesReader(dataSource), this.bus, clock).review();
    list = async () => (await new IncidentsReader(dataSource).list({ limit: 50, offset: 0 })).incidents;
  })();
  const added: string[] = [];
  const end = () =>
    new SpikeEnds(
      dataSource,
      { add: (name: string) => Promise.resolve(void added.push(name)) } as unknown as JobQueue,
      clock,
    ).run();

  it('keeps a source to its limit over all processes, and lets what is new through', async () => {
    const [one, two] = processes as [ErrorsProcess, ErrorsProcess];
    expect(await flood(10, one)).toBe(10);
    expect(await flood(10, two)).toBe(10);
    await sync();
    expect(await flood(200, one)).toBe(80);
    await sync();
    expect(await flood(50, two)).toBe(0);
    expect(await flood(5, two, { message: 'Something else broke', source: 'api' })).toBe(1);
    expect(await flood(50, two, { message: 'Flood', source: 'web' })).toBe(50);

    const [error] = await dataSource.query<{ count: string }[]>(
      `SELECT count FROM errors WHERE message = 'Flood' AND source = 'api'`,
    );
    expect(error!.count).toBe('100');
    // The next minute begins anew, and its limit is known at once.
    clock.time = new Date(NOON + MINUTE);
    expect(await flood(200, one)).toBe(100);
  });

  it('knows what is usual, and takes ten times that', async () => {
    await addToLedger(
      dataSource,
      Array.from({ length: 24 }, (_, hour) => ({
        at: new Date(NOON - (hour + 1) * HOUR),
        source: 'api',
        outcome: 'accepted' as const,
        reason: '',
        count: 3_000,
      })),
    );
    await flood(10);
    await sync();
    expect(await flood(600)).toBe(490);
    await sync();
    expect(
      (await new SpikesReader(dataSource).list({ limit: 5, offset: 0, open: true })).spikes,
    ).toMatchObject([
      { source: 'api', limit_per_minute: 500, usual_per_minute: 50, peak_per_minute: 610, ended_at: null },
    ]);
  });

  it('tells once of a flood, however many processes it hits, and that it is over', async () => {
    const [one, two] = processes as [ErrorsProcess, ErrorsProcess];
    for (let minute = 0; minute < 3; minute++) {
      clock.time = new Date(NOON + minute * MINUTE);
      await flood(120, one);
      await flood(120, two);
      await sync();
      await end();
      await Promise.all([incidents.review(), incidents.review()]);
    }
    expect(added).toContain('review-error-spikes');
    const [open, ...others] = await incidents.list();
    expect(others).toEqual([]);
    expect(open).toMatchObject({ title: 'Flood of errors: api', source: 'self', resolved_at: null });
    expect(incidents.bus.idsOf('incident.changed')).toEqual([open!.id]);

    clock.time = new Date(NOON + 3 * MINUTE);
    await end();
    await incidents.review();
    expect((await incidents.list())[0]!.resolved_at).toBeNull();
    await Promise.all(processes.map(({ ledger }) => ledger.flush()));
    clock.time = new Date(NOON + 5 * MINUTE);
    await end();
    await Promise.all([incidents.review(), incidents.review()]);
    await incidents.review();
    const [over] = await incidents.list();
    expect(over).toMatchObject({ id: open!.id, status: 'resolved' });
    expect(incidents.bus.idsOf('incident.changed')).toEqual([open!.id, open!.id]);
    const { updates } = await new IncidentsReader(dataSource).updates(open!.id, { limit: 5, offset: 0 });
    expect(updates[0]!.body).toMatch(
      /^The flood is over\. It lasted 2 min, with up to 240 errors a minute; \d+ were refused/,
    );

    clock.time = new Date(NOON + 30 * MINUTE);
    await flood(200, two);
    await sync();
    await flood(200, two);
    await sync();
    await incidents.review();
    expect(await incidents.list()).toHaveLength(2);
  });

  it('does not tell again of a flood that somebody has dealt with', async () => {
    await flood(120);
    await sync();
    await flood(1);
    await sync();
    await incidents.review();
    await dataSource.query(`UPDATE incidents SET status = 'resolved', resolved_at = now()`);
    await incidents.review();
    expect(await incidents.list()).toHaveLength(1);
  });

  it('costs a process without floods nothing, and can be switched off', async () => {
    await sync();
    await end();
    expect(await dataSource.query('SELECT FROM error_source_minutes')).toEqual([]);
    const off = await ErrorsProcess.start(database.url, clock, { ...SETTINGS, SPIKE_PROTECTION: false });
    expect(await flood(500, off)).toBe(500);
    await off.spikes.sync();
    expect(await flood(500, off)).toBe(500);
    await off.stop();
  });
});
