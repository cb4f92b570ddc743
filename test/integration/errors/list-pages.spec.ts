import type { DataSource } from 'typeorm';
import { Clock } from '../../../src/common/clock.js';
import { type ErrorSort, ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { ErrorLists } from '../../../src/modules/errors/search/error-lists.js';
import { orderBy, sortBy } from '../../../src/modules/errors/search/list-errors.sql.js';
import { readPage } from '../../../src/modules/errors/search/read-page.js';
import { VALUES_LIKE } from '../../../src/modules/errors/search/search-lookups.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { generateErrors } from './many-errors.js';

const FROM = 'errors JOIN error_figures AS figures ON figures.error_id = errors.id';
const SORTS: ErrorSort[] = [
  '-last_seen',
  'last_seen',
  '-first_seen',
  'first_seen',
  '-count',
  'count',
  '-users',
  'users',
];

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: Plan[];
}

describe('the page of a list', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    await generateErrors(dataSource, 10_000);
    await dataSource.query(
      `INSERT INTO error_tag_values (source, key, value, count, last_seen)
       SELECT 'source-' || s, 'release', '1.' || v || '.' || p, 1, now()
       FROM generate_series(1, 20) AS s, generate_series(1, 50) AS v, generate_series(1, 20) AS p`,
    );
    await dataSource.query('VACUUM (ANALYZE) error_tag_values');
  }, 120_000);
  afterAll(() => database.drop());

  const explain = async (statement: string, values: unknown[] = []): Promise<Plan[]> => {
    const [row] = await dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `EXPLAIN (FORMAT JSON) ${statement}`,
      values,
    );
    return flatten(row!['QUERY PLAN'][0].Plan);
  };

  it('is found otherwise when following the order takes too long', async () => {
    const page = await readPage(
      dataSource,
      (seconds) => `SELECT ${seconds} AS waited FROM pg_sleep(${seconds})`,
      [],
      ['20', '0'],
      50,
    );
    expect(page).toEqual([{ waited: 0 }]);
  });

  it('has time when there is no other way, and fails as its statement fails', async () => {
    const slow = (seconds: string) => `SELECT ${seconds} AS waited FROM pg_sleep(${seconds})`;
    expect(await readPage(dataSource, slow, [], ['0.2'], 50)).toEqual([{ waited: '0.2' }]);
    await expect(readPage(dataSource, (order) => `SELECT 1 / ${order}`, [], ['0', '1'])).rejects.toThrow(
      'division by zero',
    );
  });

  it('is read by one process of PostgreSQL, and only the page', async () => {
    const setting = `SELECT current_setting('max_parallel_workers_per_gather') AS workers`;
    expect(await readPage(dataSource, () => setting, [], [''])).toEqual([{ workers: '0' }]);
    expect(await dataSource.query(setting)).not.toEqual([{ workers: '0' }]);
  });

  it.each(SORTS)('goes on where the one before ends, however far: %s', async (sort) => {
    const lists = new ErrorLists(dataSource, new Clock());
    const ids = async (offset: number, limit: number) => {
      const query = Object.assign(new ListErrorsQuery(), { sort, offset, limit, query: 'os:Linux failed' });
      return (await lists.list(query)).errors.map(({ id }) => id);
    };
    const [near, far] = [await ids(990, 30), await ids(1_000, 20)];
    expect(near).toHaveLength(30);
    expect(far).toEqual(near.slice(10));
  });

  it.each(SORTS)('has the same rows in the same order both ways: %s', async (sort) => {
    const ids = (order: string) =>
      dataSource.query(`SELECT errors.id FROM ${FROM} ORDER BY ${order} LIMIT 200 OFFSET 50`);
    expect(await ids(sortBy(sort))).toEqual(await ids(orderBy(sort)));
  });

  it.each(SORTS)('follows an index one way and sorts the other: %s', async (sort) => {
    const nodes = async (order: string) =>
      (await explain(`SELECT errors.id FROM ${FROM} ORDER BY ${order} LIMIT 50`)).map(
        (plan) => plan['Node Type'],
      );
    expect(await nodes(sortBy(sort))).toContain('Sort');
    expect(await nodes(orderBy(sort))).not.toContain('Sort');
  });

  it('finds what a wildcard stands for by index', async () => {
    const plans = await explain(VALUES_LIKE, ['release', '1.7.%']);
    expect(plans.map((plan) => plan['Index Name'])).toContain('idx_error_tag_values_value');
  });
});

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}
