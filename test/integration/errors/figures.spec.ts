import { plainToInstance } from 'class-transformer';
import { Clock } from '../../../src/common/clock.js';
import { ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { FiguresReader } from '../../../src/modules/errors/figures/figures.reader.js';
import { FoldService } from '../../../src/modules/errors/figures/fold.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

const START = Date.parse('2026-11-20T10:10:00Z');
const HOUR = 3_600_000;

describe('folding tallies', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let folds: FoldService;
  const clock = new SetClock();
  const query = <T>(sql: string, parameters: unknown[] = []) =>
    database.dataSource.query<T[]>(sql, parameters);

  beforeEach(async () => {
    database = await createTestDatabase();
    clock.time = new Date(START);
    errors = await ErrorsProcess.start(database.url, clock);
    folds = new FoldService(database.dataSource, new Clock());
  });
  afterEach(async () => {
    await errors.stop();
    await database.drop();
  });

  const figuresOf = async (id: string) =>
    (await query<object>('SELECT * FROM error_figures WHERE error_id = $1', [id]))[0];

  it('adds up hours, statistics, tags, users and the ledger, once', async () => {
    const { id } = await errors.report({
      message: 'x',
      source: 'web',
      environment: 'prod',
      release: '1.0',
      tags: { os: 'Linux' },
      user: { id: 'a' },
    });
    await errors.reportAll([
      { message: 'x', source: 'web', environment: 'prod', user: { id: 'a' } },
      { message: 'x', source: 'web', level: 'warning', user: { id: 'b' } },
    ]);
    await folds.fold();
    clock.time = new Date(START + HOUR);
    await errors.report({ message: 'x', source: 'web', environment: 'prod', tags: { os: 'Darwin' } });
    await folds.fold();
    await folds.fold();
    expect(await query('SELECT * FROM error_tallies')).toEqual([]);
    expect(await figuresOf(id)).toEqual({ error_id: id, source: 'web', count: '4', users: 2 });
    expect(await query('SELECT hour, count FROM error_hours ORDER BY hour')).toEqual([
      { hour: new Date('2026-11-20T10:00:00Z'), count: '3' },
      { hour: new Date('2026-11-20T11:00:00Z'), count: '1' },
    ]);
    expect(
      await query(`SELECT sum(count)::int AS all, sum(count) FILTER (WHERE level = 'warning')::int AS warnings,
        sum(count) FILTER (WHERE environment = 'prod')::int AS prod FROM error_counts`),
    ).toEqual([{ all: 4, warnings: 1, prod: 3 }]);
    expect((await query<{ tags: object }>('SELECT tags FROM error_facets'))[0]!.tags).toMatchObject({
      os: { n: 2, v: { Linux: [1, START / 1_000], Darwin: [1, (START + HOUR) / 1_000] } },
      level: { n: 4 },
      environment: { n: 3 },
      release: { n: 1 },
    });
    expect(
      await query(`SELECT outcome, sum(count)::int AS count FROM error_ledger GROUP BY outcome`),
    ).toEqual([{ outcome: 'accepted', count: 4 }]);
    expect(await query(`SELECT key, value FROM error_tag_values WHERE key = 'os' ORDER BY value`)).toEqual([
      { key: 'os', value: 'Darwin' },
      { key: 'os', value: 'Linux' },
    ]);
  });

  it('skips what was not stored and what is deleted, and says how much was sampled', async () => {
    const { id } = await errors.report({ message: 'x', source: 'web' });
    await errors.report({ message: 'gone', source: 'web' });
    await query(`DELETE FROM errors WHERE id <> $1`, [id]);
    await query(
      `INSERT INTO error_tallies (entries, kept) SELECT jsonb_build_array(jsonb_build_object('f', fingerprint, 's', source,
         'n', 7, 't', 1763633400000, 'l', '{"error": 7}'::jsonb, 'e', '{"": 7}'::jsonb))::text, ARRAY[kept]
       FROM errors, unnest(ARRAY[-1, 2]) AS kept`,
    );
    await folds.fold();
    expect(await query('SELECT error_id FROM error_figures')).toEqual([{ error_id: id }]);
    expect(await query('SELECT sum(count)::int AS sum FROM error_hours')).toEqual([{ sum: 8 }]);
    expect(
      await query(
        `SELECT outcome, sum(count)::int AS count FROM error_ledger GROUP BY outcome ORDER BY outcome`,
      ),
    ).toEqual([
      { outcome: 'accepted', count: 9 },
      { outcome: 'sampled', count: 5 },
    ]);
  });

  it('leaves nothing of a deleted error', async () => {
    const { id } = await errors.report({ message: 'x', user: { id: 'a' } });
    await folds.fold();
    await query('DELETE FROM errors WHERE id = $1', [id]);
    for (const table of ['error_figures', 'error_facets', 'error_hours'])
      expect(await query(`SELECT * FROM ${table}`)).toEqual([]);
    expect(await query('SELECT count FROM error_counts')).toEqual([{ count: '1' }]);
  });

  it('counts a merged group for itself, and its users with those of the other', async () => {
    const target = await errors.report({ message: 'target', user: { id: 'a' } });
    const merged = await errors.report({ message: 'merged', user: { id: 'b' } });
    await query('UPDATE errors SET merged_into = $1 WHERE id = $2', [target.id, merged.id]);
    await errors.aliases.refresh();
    await errors.reportAll([
      { message: 'merged', user: { id: 'c' } },
      { message: 'merged', user: { id: 'a' } },
    ]);
    await folds.fold();
    expect(await figuresOf(target.id)).toMatchObject({ count: '3', users: 3 });
    expect(await figuresOf(merged.id)).toMatchObject({ count: '3', users: 3 });
    expect(await query('SELECT count FROM errors WHERE id = $1', [merged.id])).toEqual([{ count: '3' }]);
    expect(await query('SELECT count FROM error_hours WHERE error_id = $1', [merged.id])).toEqual([
      { count: '3' },
    ]);
  });

  it('is done by one process at a time, and loses nothing by it', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        errors.report({ message: `kind ${'abcdefghij'[n % 10]!.repeat(3)}`, user: { id: `${n}` } }),
      ),
    );
    await Promise.all([folds.fold(), folds.fold(), new FoldService(errors.dataSource, new Clock()).fold()]);
    await folds.fold();
    expect(
      await query('SELECT sum(count)::int AS count, sum(users)::int AS users FROM error_figures'),
    ).toEqual([{ count: 60, users: 60 }]);
    expect(await query('SELECT sum(count)::int AS count FROM error_counts')).toEqual([{ count: 60 }]);
  });
});

describe('reading figures', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let figures: FiguresReader;
  const clock = new SetClock();
  let target: string;
  let merged: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    clock.time = new Date(START - 30 * HOUR);
    errors = await ErrorsProcess.start(database.url, clock);
    figures = new FiguresReader(database.dataSource, clock);
    const body = { message: 'x', source: 'web', environment: 'prod', release: '1.0', user: { id: 'a' } };
    target = (await errors.report({ ...body, tags: { os: 'Linux' } })).id;
    clock.time = new Date(START - 2 * HOUR);
    await errors.reportAll([
      body,
      { ...body, release: '2.0', tags: { os: 'Linux' } },
      { ...body, tags: { os: 'Darwin' } },
    ]);
    merged = (await errors.report({ ...body, message: 'y', user: { id: 'b' }, level: 'info' })).id;
    clock.time = new Date(START);
    await errors.report(body);
    await database.dataSource.query('UPDATE errors SET merged_into = $1 WHERE id = $2', [target, merged]);
    await new FoldService(database.dataSource, new Clock()).fold();
  });
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  it('shows the last 24 hours and the users of each error of a list, merged ones included', async () => {
    const page = await errors.reader.list(plainToInstance(ListErrorsQuery, {}));
    const histogram = Array.from({ length: 24 }, () => 0);
    histogram[21] = 4;
    histogram[23] = 1;
    expect(page.errors).toMatchObject([
      { id: target, users: 2, histogram, first_release: '1.0', newest_release: '2.0' },
    ]);
  });

  it('tells levels, environments, releases and tags apart', async () => {
    const at = (hours: number) => new Date(Math.floor((START - hours * HOUR) / 1_000) * 1_000);
    expect(await figures.of(target, '24h')).toMatchObject({
      users: 2,
      step: '1h',
      levels: [
        { value: 'error', count: 5, share_percent: 83.3, last_seen: at(0) },
        { value: 'info', count: 1, share_percent: 16.7, last_seen: at(2) },
      ],
      environments: [{ value: 'prod', count: 6, share_percent: 100 }],
      releases: [
        { value: '1.0', count: 5 },
        { value: '2.0', count: 1, last_seen: at(2) },
      ],
      tags: [
        {
          key: 'os',
          total: 3,
          other: 0,
          values: [
            { value: 'Linux', count: 2, share_percent: 66.7 },
            { value: 'Darwin', count: 1 },
          ],
        },
      ],
    });
  });

  it.each([
    ['24h', 24, 5],
    ['7d', 168, 6],
    ['30d', 30, 6],
    ['90d', 90, 6],
  ] as const)('has a histogram of %s', async (period, buckets, sum) => {
    const { histogram } = await figures.of(target, period);
    expect(histogram).toHaveLength(buckets);
    expect(histogram.reduce((total, { count }) => total + count, 0)).toBe(sum);
    expect(histogram.at(-1)!.at.getTime()).toBeLessThanOrEqual(START);
  });

  it('completes searches', async () => {
    const texts = async (query: object) => (await figures.completions(query)).map(({ text }) => text);
    expect((await texts({ source: 'web' })).toSorted()).toEqual([
      'environment',
      'level',
      'os',
      'release',
      'source',
    ]);
    expect((await texts({ key: 'os' })).toSorted()).toEqual(['Darwin', 'Linux']);
    expect(await texts({ key: 'os', prefix: 'lin' })).toEqual(['Linux']);
    expect(await texts({ source: 'nobody', key: 'os' })).toEqual([]);
  });

  it('knows when there is no such error', async () => {
    await expect(figures.of('00000000-0000-7000-8000-000000000000', '24h')).rejects.toMatchObject({
      code: 'ERROR_NOT_FOUND',
    });
  });
});
