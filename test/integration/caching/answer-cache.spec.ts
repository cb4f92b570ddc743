import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { AnswerCache } from '../../../src/common/cache/answer-cache.js';
import { dataSourceOptions } from '../../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const RULE = { topic: 'errors', milliseconds: 120_000 } as const;
const INSERT = `INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, source, count, first_seen, last_seen)
  VALUES (gen_random_uuid(), gen_random_uuid()::text, 1, '', 'error', 'x', 'api', 1, now(), now())`;

/** Two processes on one database, each with its own cache and pool. */
describe('AnswerCache', () => {
  let database: TestDatabase;
  let sources: DataSource[];
  let caches: AnswerCache[];
  let made: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    sources = await Promise.all(
      [1, 2].map(() => new DataSource(dataSourceOptions(database.url, 5)).initialize()),
    );
  });
  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE errors CASCADE');
    caches = sources.map((source) => new AnswerCache(source));
    made = 0;
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await database.drop();
  });

  const count = (process: number): Promise<number> =>
    caches[process]!.answer('count', RULE, async () => {
      made++;
      const [row] = await sources[process]!.query<{ count: number }[]>('SELECT count(*)::int FROM errors');
      return row!.count;
    });

  it('keeps an answer until what it depends on changes', async () => {
    await count(0);
    await count(0);
    expect(made).toBe(1);
    await sources[1]!.query(INSERT);
    expect(await count(0)).toBe(1);
    expect(made).toBe(2);
  });

  it('makes an answer once for those who ask at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => count(0)));
    expect(made).toBe(1);
  });

  it('shows an acknowledged write at once, in every process, whatever the order of writes and reads', async () => {
    let written = 0;
    const step = fc.record({
      process: fc.nat(1),
      action: fc.constantFrom('read', 'write', 'write in pieces', 'roll back', 'race'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { process, action } of steps) {
          const source = sources[process]!;
          if (action === 'write') await source.query(INSERT).then(() => written++);
          if (action === 'write in pieces')
            await source
              .transaction(async (manager) => {
                await manager.query(INSERT);
                // Somebody reads while the write cannot be seen yet, though the version has moved.
                expect(await count(1 - process)).toBe(written);
              })
              .then(() => written++);
          if (action === 'roll back')
            await source
              .transaction(async (manager) => {
                await manager.query(INSERT);
                await count(process);
                throw new Error('not after all');
              })
              .catch(() => undefined);
          if (action === 'race') {
            const reads = [count(0), count(1)];
            await source.query(INSERT).then(() => written++);
            await Promise.all(reads);
          }
          expect(await Promise.all([count(0), count(1)])).toEqual([written, written]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is never behind under a storm of writers and readers', async () => {
    let acknowledged = 0;
    const write = async (source: DataSource): Promise<void> => {
      for (let round = 0; round < 40; round++) {
        await source.query(INSERT);
        acknowledged++;
      }
    };
    const read = async (process: number): Promise<void> => {
      for (let round = 0; round < 80; round++) {
        const least = acknowledged;
        expect(await count(process)).toBeGreaterThanOrEqual(least);
      }
    };
    await Promise.all([write(sources[0]!), write(sources[1]!), read(0), read(1), read(0), read(1)]);
    expect(await count(0)).toBe(80);
  });

  it('does not keep an answer that was made while a write was under way', async () => {
    const runner = sources[1]!.createQueryRunner();
    await runner.startTransaction();
    await runner.query(INSERT);
    expect(await count(0)).toBe(0);
    expect(await count(0)).toBe(0);
    expect(made).toBe(2);
    await runner.commitTransaction();
    await runner.release();
    expect(await count(0)).toBe(1);
  });

  it('keeps no failure', async () => {
    const fail = caches[0]!.answer('fails', RULE, () => Promise.reject(new Error('no')));
    await expect(fail).rejects.toThrow('no');
    await expect(caches[0]!.answer('fails', RULE, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('forgets an answer whose time is up', async () => {
    const ask = (answer: string, rule: Partial<Parameters<AnswerCache['answer']>[1]>): Promise<string> =>
      caches[0]!.answer('q', { ...RULE, ...rule }, () => Promise.resolve(answer));
    expect(await ask('soon', { milliseconds: 1 })).toBe('soon');
    const later = Date.now() + 3;
    while (Date.now() < later) await Promise.resolve();
    expect(await ask('later', {})).toBe('later');
  });

  it('answers without a database', async () => {
    const source = await new DataSource(dataSourceOptions(database.url, 1)).initialize();
    const cache = new AnswerCache(source);
    await source.destroy();
    await expect(cache.answer('q', RULE, () => Promise.resolve('alone'))).resolves.toBe('alone');
  });

  it('moves a version on demand, for what no trigger tells', async () => {
    await count(0);
    await caches[1]!.changed('errors');
    await count(0);
    expect(made).toBe(2);
  });
});
