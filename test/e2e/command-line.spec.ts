import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runCli } from '../support/running-product.js';
import { makeTemporaryFolder } from '../support/temporary-folder.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

describe('the command line', () => {
  let database: TestDatabase;
  const options = (environment = {}) => ({ databaseUrl: database.url, environment });

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => database.dataSource.query('TRUNCATE endpoints CASCADE'));

  it('sets an installation up that may not watch itself', async () => {
    const report = await runCli(['setup', '--json'], options({ ALLOW_PRIVATE_TARGETS: 'false' }));
    expect(JSON.parse(report)).toMatchObject({
      first_start: true,
      api_key: expect.stringMatching(/^wk_live_/),
    });
    const [row] = await database.dataSource.query<[{ count: number }]>('SELECT count(*)::int FROM endpoints');
    expect(row.count).toBe(0);
  });

  it('writes everything into a pipe, however slowly it is read', async () => {
    const folder = await makeTemporaryFolder('command-line');
    const file = join(folder, 'watchkeep.json');
    const endpoints = Array.from({ length: 1_500 }, (_, number) => ({
      name: `Endpoint ${number} ${'x'.repeat(150)}`,
      url: 'https://example.test/',
      tags: ['one', 'two', 'three'],
    }));
    await writeFile(file, JSON.stringify({ endpoints }));
    await runCli(['apply', file], options());
    const exported = promisify(execFile)(
      'sh',
      ['-c', `"${process.execPath}" "${CLI}" export | (sleep 1; wc -l)`],
      {
        env: { ...process.env, DATABASE_URL: database.url, SECRET_KEY: 's'.repeat(40) },
      },
    );
    expect(Number((await exported).stdout)).toBeGreaterThan(1_500 * 5);
  }, 120_000);
});
