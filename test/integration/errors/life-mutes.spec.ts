import type { MuteLimits } from '../../../src/modules/errors/life/error-action.js';
import { WATCHKEEP } from '../../../src/modules/errors/life/actor.js';
import { ErrorActivityReader } from '../../../src/modules/errors/life/error-activity.reader.js';
import { MuteEnding } from '../../../src/modules/errors/life/mute-ending.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

describe('muting errors', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let mutes: MuteEnding;
  const clock = new SetClock(new Date('2026-11-23T10:00:00Z'));

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url, clock);
    mutes = new MuteEnding(errors.dataSource, errors.bus, clock);
  });
  beforeEach(() => errors.bus.published.splice(0));
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  const passes = (seconds: number): void =>
    void (clock.time = new Date(clock.time.getTime() + seconds * 1_000));
  const mute = (id: string, limits: MuteLimits) =>
    errors.states.change(id, { action: 'mute', limits }, WATCHKEEP);
  const report = (message: string, times = 1) =>
    errors.reportAll(Array.from({ length: times }, () => ({ message })));
  const open = async (message: string, times = 1): Promise<string> => (await report(message, times))[0]!.id;
  const isMuted = async (id: string) => (await errors.reader.get(id)).muted;
  const newest = async (id: string) => {
    const page = await new ErrorActivityReader(errors.dataSource).activity(id, { limit: 1, offset: 0 });
    const { kind, details } = page.activities[0]!;
    return [kind, details];
  };

  it('for good: counts and keeps, and says nothing', async () => {
    const id = await open('For good');
    expect(await mute(id, {})).toBe(true);
    expect(await mute(id, {})).toBe(false);
    errors.bus.published.splice(0);
    await report('For good', 20);
    passes(1_000_000);
    await report('For good');
    expect(await mutes.endDue()).toEqual([]);
    expect(await errors.reader.get(id)).toMatchObject({ status: 'muted', count: 22, muted_until: null });
    expect((await errors.reader.occurrences(id, { limit: 1, offset: 0 })).total).toBe(22);
    expect(errors.bus.published).toEqual([]);
  });

  it('until a time: the next report ends it, or the clock does', async () => {
    const [reported, silent] = [await open('Until, reported'), await open('Until, silent')];
    const until = new Date(clock.time.getTime() + 60_000);
    for (const id of [reported, silent]) await mute(id, { until });
    expect(await errors.reader.get(silent)).toMatchObject({ status: 'muted', muted_until: until });
    passes(59);
    await report('Until, reported');
    expect(await mutes.endDue()).toEqual([]);
    expect([await isMuted(reported), await isMuted(silent)]).toEqual([true, true]);
    passes(1);
    errors.bus.published.splice(0);
    await report('Until, reported');
    expect(errors.bus.idsOf('errors.updated')).toEqual([reported]);
    expect(await mutes.endDue()).toEqual([silent]);
    expect(errors.bus.idsOf('errors.updated')).toEqual([reported, silent]);
    for (const id of [reported, silent]) expect(await newest(id)).toEqual(['unmuted', { because: 'time' }]);
    expect(await errors.reader.get(silent)).toMatchObject({ status: 'unresolved', muted_until: null });
  });

  it('until so many more: the report that reaches it ends it, and says so once', async () => {
    const id = await open('Until many', 3);
    await mute(id, { count: 5 });
    errors.bus.published.splice(0);
    await report('Until many', 4);
    expect(await errors.reader.get(id)).toMatchObject({ muted: true, mute_until_count: 8 });
    expect(errors.bus.published).toEqual([]);
    await report('Until many', 3);
    expect(await isMuted(id)).toBe(false);
    expect(errors.bus.idsOf('errors.updated')).toEqual([id]);
    expect(await newest(id)).toEqual(['unmuted', { because: 'count' }]);
  });

  it('until a rate: never for less, and not for what was before', async () => {
    const id = await open('Until often', 100);
    await mute(id, { rate: { count: 30, minutes: 1 } });
    expect(await errors.reader.get(id)).toMatchObject({ mute_rate: { count: 30, per: '1m' } });
    // 4 a beat are 24 a minute.
    for (let beat = 0; beat < 20; beat++) {
      passes(10);
      await report('Until often', 4);
      expect(await mutes.endDue()).toEqual([]);
    }
    passes(10);
    await report('Until often', 15);
    expect(await mutes.endDue()).toEqual([id]);
    expect(await newest(id)).toEqual(['unmuted', { because: 'rate' }]);
    expect(await errors.reader.get(id)).toMatchObject({ status: 'unresolved', mute_rate: null });
    passes(10);
    await mutes.endDue();
    expect(
      await database.dataSource.query('SELECT FROM error_mute_samples WHERE error_id = $1', [id]),
    ).toEqual([]);
  });

  it('keeps few samples, also for long windows', async () => {
    const id = await open('Long window');
    await mute(id, { rate: { count: 1_000, minutes: 60 } });
    for (let beat = 0; beat < 800; beat++) {
      passes(10);
      await mutes.endDue();
    }
    const samples = await database.dataSource.query<unknown[]>(
      'SELECT FROM error_mute_samples WHERE error_id = $1',
      [id],
    );
    expect(samples.length).toBeGreaterThan(50);
    expect(samples.length).toBeLessThanOrEqual(61);
  });

  it('is ended by hand', async () => {
    const id = await open('By hand');
    await mute(id, { until: new Date(clock.time.getTime() + 60_000) });
    passes(1);
    expect(await errors.states.change(id, { action: 'unmute' }, WATCHKEEP)).toBe(true);
    expect(await errors.states.change(id, { action: 'unmute' }, WATCHKEEP)).toBe(false);
    expect(await newest(id)).toEqual(['unmuted', {}]);
    passes(100);
    expect(await mutes.endDue()).toEqual([]);
  });

  it('ends by itself as well when a merge brings many at once: those are no occurrences of now', async () => {
    const id = await open('Small');
    const other = await open('Big one', 500);
    await mute(id, { count: 100, rate: { count: 50, minutes: 5 } });
    await errors.merging.merge(id, [other], WATCHKEEP);
    passes(10);
    expect(await mutes.endDue()).toEqual([]);
    await report('Small', 10);
    expect(await errors.reader.get(id)).toMatchObject({ muted: true, count: 511, mute_until_count: 601 });
    await errors.merging.unmerge(id, { ids: [other], fingerprints: [] }, WATCHKEEP);
    passes(10);
    expect(await mutes.endDue()).toEqual([]);
    expect(await errors.reader.get(id)).toMatchObject({ muted: true, count: 11, mute_until_count: 101 });
  });
});
