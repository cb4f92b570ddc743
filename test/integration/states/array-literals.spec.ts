import * as fc from 'fast-check';
import {
  booleans,
  milliseconds,
  numbers,
  plain,
  texts,
} from '../../../src/modules/monitoring/states/array-literals.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('array literals', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function read(type: string, literal: string): Promise<unknown> {
    const [row] = await database.dataSource.query<{ value: unknown }[]>(
      `SELECT to_json($1::${type}[]) AS value`,
      [literal],
    );
    return row!.value;
  }

  it('carry any text to PostgreSQL as it is, but for null characters, which it cannot hold', async () => {
    const text = fc.string({ unit: 'binary' });
    const special = fc.constantFrom('', 'NULL', 'null', '{}', ',', '"', '\\', '\\"', ' x ', '\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.oneof(text, special)), { maxLength: 20 }), async (values) => {
        const held = values.map((value) => value?.replaceAll('\0', '\uFFFD') ?? null);
        expect(await read('text', texts(values))).toEqual(held);
      }),
    );
  });

  it('carry numbers, booleans and nothing', async () => {
    expect(await read('float8', numbers([1_789_999_999_999, 0.5, null, -3]))).toEqual([
      1_789_999_999_999,
      0.5,
      null,
      -3,
    ]);
    expect(await read('real', milliseconds([12.345678, null, 0]))).toEqual([12.346, null, 0]);
    expect(await read('boolean', booleans([true, false, null]))).toEqual([true, false, null]);
    expect(await read('text', plain(['operational', 'unknown']))).toEqual(['operational', 'unknown']);
    expect(await read('text', texts([]))).toEqual([]);
  });
});
