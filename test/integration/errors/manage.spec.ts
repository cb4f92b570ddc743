import type { ReportedErrorDto } from '../../../src/modules/errors/dto/error.dto.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess } from './errors-process.js';

describe('resolving and deleting errors', () => {
  let database: TestDatabase;
  let one: ErrorsProcess;
  let two: ErrorsProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, two] = await Promise.all([ErrorsProcess.start(database.url), ErrorsProcess.start(database.url)]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await database.drop();
  });

  const countOf = async (table: string, where = 'true'): Promise<number> => {
    const [row] = await database.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM ${table} WHERE ${where}`,
    );
    return row!.n;
  };

  it('resolves and opens again by hand', async () => {
    const { id } = await one.report({ message: 'By hand' });
    await one.service.resolve(id);
    await one.service.resolve(id);
    expect(one.bus.idsOf('errors.resolved').filter((resolved) => resolved === id)).toHaveLength(1);
    expect(await one.reader.get(id)).toMatchObject({ resolved: true, resolved_at: expect.any(Date) });
    await one.service.unresolve(id);
    expect(await one.reader.get(id)).toMatchObject({
      resolved: false,
      resolved_at: null,
      regressed_at: null,
    });
  });

  it('deletes an error with its occurrences', async () => {
    const [{ id }] = (await one.reportAll([{ message: 'Deleted' }, { message: 'Deleted' }])) as [
      ReportedErrorDto,
    ];
    await one.service.delete(id);
    expect(await countOf('error_occurrences', `error_id = '${id}'`)).toBe(0);
    await expect(one.reader.get(id)).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    for (const work of ['delete', 'resolve', 'unresolve'] as const) {
      await expect(one.service[work](id)).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    }
  });

  it('deletes an error that occurred too often to remove every trace at once', async () => {
    const { id } = await one.report({ message: 'Deleted of many' });
    await database.dataSource.query(
      `INSERT INTO error_occurrences (error_id, received_at, id, level, message)
       SELECT $1, now() - interval '1 ms' * n, gen_random_uuid(), 'error', 'x' FROM generate_series(1, 12000) AS n`,
      [id],
    );
    await one.service.delete(id);
    expect(await countOf('error_occurrences', `error_id = '${id}'`)).toBe(2_001);
    await expect(one.reader.occurrences(id, { limit: 1, offset: 0 })).rejects.toMatchObject({
      code: 'ERROR_NOT_FOUND',
    });
    expect(await one.report({ message: 'Deleted of many' })).toMatchObject({ count: 1, outcome: 'new' });
    await database.dataSource.query('DELETE FROM error_occurrences WHERE error_id = $1', [id]);
  });

  it('leaves no orphan when an error is deleted while it is reported', async () => {
    const { id } = await one.report({ message: 'Deleted under fire' });
    const reports = two.reportAll(Array.from({ length: 300 }, () => ({ message: 'Deleted under fire' })));
    await one.service.delete(id);
    await reports;
    expect(await countOf('error_occurrences', 'error_id NOT IN (SELECT id FROM errors)')).toBe(0);
  });
});
