import {
  END_BY_RATE,
  END_BY_TIME,
  FORGET,
  SAMPLE,
} from '../../../src/modules/errors/life/mute-ending.sql.js';
import { ERROR_DETAIL } from '../../../src/modules/errors/life/detail.sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { generateErrors } from './many-errors.js';

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: Plan[];
}

const AT = '2026-11-23T12:00:00Z';

/** What runs every ten seconds, and what a page asks, costs by what it is about, not by what is stored. */
describe('the life of 50,000 errors', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await generateErrors(database.dataSource, 50_000);
    await database.dataSource.query(
      `UPDATE errors SET muted = true, resolved = false WHERE fingerprint IN (SELECT md5(n::text) FROM generate_series(1, 20000) AS n)`,
    );
    await database.dataSource.query(
      `UPDATE errors SET mute_rate_count = 5, mute_rate_minutes = 5 WHERE fingerprint IN (SELECT md5(n::text) FROM generate_series(1, 50) AS n)`,
    );
    await database.dataSource.query(
      `UPDATE errors SET muted_until = now() + interval '1 day' WHERE fingerprint IN (SELECT md5(n::text) FROM generate_series(60, 2000) AS n)`,
    );
    await database.dataSource.query('VACUUM (ANALYZE) errors');
  }, 300_000);
  afterAll(() => database.drop());

  it.each([
    ['END_BY_TIME', END_BY_TIME, [AT]],
    ['END_BY_RATE', END_BY_RATE, [AT]],
    ['SAMPLE', SAMPLE, [AT]],
    ['FORGET', FORGET, [AT]],
    ['ERROR_DETAIL', ERROR_DETAIL, ['00000000-0000-7000-8000-000000000000']],
  ])('%s passes over no whole table of errors', async (_, statement, values) => {
    const [row] = await database.dataSource.query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `EXPLAIN (FORMAT JSON) ${statement}`,
      values,
    );
    const whole = flatten(row!['QUERY PLAN'][0].Plan).filter(
      (plan) => plan['Node Type'] === 'Seq Scan' && plan['Relation Name'] === 'errors',
    );
    expect(whole).toEqual([]);
  });
});

function flatten(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flatten)];
}
