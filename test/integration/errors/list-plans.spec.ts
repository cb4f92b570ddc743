import { ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { Clock } from '../../../src/common/clock.js';
import { ErrorsReader } from '../../../src/modules/errors/errors.reader.js';
import { ErrorLists } from '../../../src/modules/errors/search/error-lists.js';
import { ErrorSearch } from '../../../src/modules/errors/search/error-search.js';
import { orderBy } from '../../../src/modules/errors/search/list-errors.sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { generateErrors } from './many-errors.js';

const GROUPS = 100_000;
const DAY = { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-10-02T00:00:00Z') };

interface Plan {
  'Node Type': string;
  'Index Name'?: string;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Every list query is served by an index: no pass over the whole table, and few rows looked at in vain. */
describe(`lists over ${GROUPS} errors`, () => {
  let database: TestDatabase;
  let reader: ErrorsReader;

  beforeAll(async () => {
    database = await createTestDatabase();
    await generateErrors(database.dataSource, GROUPS);
    reader = new ErrorsReader(database.dataSource, new ErrorLists(database.dataSource, new Clock()));
  }, 600_000);
  afterAll(() => database.drop());

  const explain = async (query: ListErrorsQuery): Promise<Plan[]> => {
    const { from, where, values } = await new ErrorSearch(database.dataSource, new Clock()).selection(query);
    const [row] = await database.dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) SELECT errors.id, message FROM ${from} WHERE ${where} ORDER BY ${orderBy(query.sort)} LIMIT 50 OFFSET 0`,
      values,
    );
    return flatten(row!['QUERY PLAN'][0].Plan);
  };

  it.each([
    ['everything', {}, ['idx_errors_last_seen']],
    ['everything, oldest first', { sort: 'last_seen' }, ['idx_errors_last_seen']],
    ['by first occurrence', { sort: '-first_seen' }, ['idx_errors_first_seen']],
    ['a common level', { level: 'error' }, ['idx_errors_level_last_seen', 'idx_errors_last_seen']],
    ['a rare level', { level: 'debug' }, ['idx_errors_level_last_seen']],
    ['a common source', { source: 'source-9' }, ['idx_errors_source_last_seen', 'idx_errors_last_seen']],
    ['a rare source', { source: 'rare' }, ['idx_errors_source_last_seen']],
    ['what is open', { resolved: false }, ['idx_errors_resolved_last_seen', 'idx_errors_last_seen']],
    ['what is resolved', { resolved: true }, ['idx_errors_resolved_last_seen', 'idx_errors_last_seen']],
    ['a common environment', { environment: 'production' }, ['idx_errors_last_seen']],
    ['a rare environment', { environment: 'canary' }, ['idx_errors_environments']],
    ['an environment that is not', { environment: 'nowhere' }, ['idx_errors_environments']],
    ['a rare text', { search: 'quuxcondition' }, ['idx_errors_message_trigrams']],
    ['a text that is not', { search: 'nowheretobefound' }, ['idx_errors_message_trigrams']],
    ['a common text', { search: 'checkout' }, ['idx_errors_last_seen', 'idx_errors_message_trigrams']],
    ['by count', { sort: '-count' }, ['idx_error_figures_count']],
    ['by users', { sort: 'users' }, ['idx_error_figures_users']],
    ['by users in a source', { sort: '-users', source: 'rare' }, ['idx_error_figures_source_users']],
    ['a rare tag', { query: 'customer:77' }, ['idx_error_facets_terms']],
    ['a tag that is not', { query: 'customer:nobody' }, ['idx_error_facets_terms']],
    ['a common tag', { query: 'os:Linux' }, ['idx_errors_last_seen', 'error_facets_pkey']],
    ['many affected users', { query: 'users:>998' }, ['idx_error_figures_users']],
    ['a tag in a phrase', { query: 'os:Linux "with quuxcondition"' }, ['idx_errors_message_trigrams']],
    ['two letters', { search: 'qz' }, ['idx_errors_last_seen']],
    ['a day', DAY, ['idx_errors_last_seen']],
    [
      'open errors of a source and level',
      { source: 'source-9', level: 'error', resolved: false },
      ['idx_errors_source_last_seen', 'idx_errors_resolved_last_seen', 'idx_errors_last_seen'],
    ],
    ['a rare source and level', { source: 'rare', level: 'error' }, ['idx_errors_source_last_seen']],
  ])('%s', async (_, given, indexes) => {
    const plans = await explain(Object.assign(new ListErrorsQuery(), given));
    expect(plans.map((plan) => plan['Node Type'])).not.toContain('Seq Scan');
    const used = plans.flatMap((plan) => plan['Index Name'] ?? []);
    expect(used.some((index) => indexes.includes(index))).toBe(true);
    for (const plan of plans) expect(plan['Rows Removed by Filter'] ?? 0).toBeLessThan(20_000);
  });

  it('gets an error and counts a fingerprint by unique indexes', async () => {
    for (const condition of [`id = '00000000-0000-7000-8000-000000000000'`, `fingerprint = 'x'`]) {
      const [row] = await database.dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
        `EXPLAIN (FORMAT JSON) SELECT * FROM errors WHERE ${condition}`,
      );
      expect(row!['QUERY PLAN'][0].Plan['Node Type']).toMatch(/Index Scan/);
    }
  });

  it('counts totals exactly up to 10,000 and estimates above', async () => {
    const total = async (given: object) => {
      const page = await reader.list(Object.assign(new ListErrorsQuery(), given));
      return { total: page.total, total_is_estimate: page.total_is_estimate };
    };
    expect(await total({ source: 'rare' })).toEqual({ total: GROUPS / 1_000, total_is_estimate: false });
    const all = await total({});
    expect(all.total_is_estimate).toBe(true);
    expect(Math.abs(all.total - GROUPS)).toBeLessThan(GROUPS / 10);
  });

  it('finds what changed since a time by index', async () => {
    for (const [column, index] of [
      ['first_seen', 'idx_errors_first_seen'],
      ['regressed_at', 'idx_errors_regressed_at'],
      ['resolved_at', 'idx_errors_resolved_at'],
    ]) {
      const [row] = await database.dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
        `EXPLAIN (FORMAT JSON) SELECT * FROM errors WHERE ${column} > $1 ORDER BY ${column} DESC LIMIT 200`,
        ['2026-11-22T00:00:00Z'],
      );
      expect(flatten(row!['QUERY PLAN'][0].Plan).map((plan) => plan['Index Name'])).toContain(index);
    }
  });
});

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}
