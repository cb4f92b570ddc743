import { plainToInstance } from 'class-transformer';
import type { Principal } from '../../../src/common/access.js';
import { Clock } from '../../../src/common/clock.js';
import { ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { FoldService } from '../../../src/modules/errors/figures/fold.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

const START = Date.parse('2026-11-20T10:00:00Z');
const HOUR = 3_600_000;
const ANN = '00000000-0000-7000-8000-00000000000a';
const ann: Principal = { kind: 'user', id: ANN, name: 'Ann', rights: new Set(['read']), sources: [] };
const key: Principal = { ...ann, kind: 'api_key' };

describe('searching errors', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  const clock = new SetClock();
  const ids: Record<string, string> = {};

  const report = async (name: string, hours: number, body: object): Promise<void> => {
    clock.time = new Date(START + hours * HOUR);
    ids[name] = (await errors.report({ message: name, ...body })).id;
  };
  const update = (name: string, set: string) =>
    database.dataSource.query(`UPDATE errors SET ${set} WHERE id = '${ids[name]}'`);

  beforeAll(async () => {
    database = await createTestDatabase();
    clock.time = new Date(START);
    errors = await ErrorsProcess.start(database.url, clock);
    await report('alpha connection timeout', 0, {
      source: 'api-web',
      environment: 'production',
      release: '1.2.3',
      tags: { browser: 'Chrome 130', os: 'Linux' },
      user: { id: '1' },
    });
    await report('alpha connection timeout', 1, {
      source: 'api-web',
      environment: 'staging',
      release: '1.3.0',
      user: { id: '2' },
    });
    await report('beta timeout of connection', 30, {
      source: 'api-jobs',
      level: 'warning',
      tags: { browser: 'Firefox', level: '9' },
    });
    await report('gamma', 31, { source: 'shop', level: 'info', release: '1.2.9', environment: 'production' });
    await report('delta', 32, {
      source: 'shop',
      level: 'debug',
      tags: { 'is.it': 'yes "no"' },
      user: { id: '1' },
    });
    await report('merged', 33, { source: 'shop' });
    await database.dataSource.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ('${ANN}', 'ann@example.org', 'Ann', 'viewer', '-')`,
    );
    await update('merged', `merged_into = '${ids['delta']}'`);
    await update('beta timeout of connection', 'resolved = true, resolved_at = now()');
    await update('gamma', 'regressed_at = last_seen');
    await update('delta', `muted = true, assigned_to = '${ANN}'`);
    await new FoldService(database.dataSource, new Clock()).fold();
  });
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  const list = async (query: string, more: object = {}, principal?: Principal): Promise<string> => {
    const page = await errors.reader.list(plainToInstance(ListErrorsQuery, { query, ...more }), principal);
    expect(page.total).toBe(page.errors.length);
    return page.errors.map(({ message }) => message.slice(0, 1)).join('');
  };

  it.each([
    ['', 'dgba'],
    ['timeout', 'ba'],
    ['connection timeout', 'ba'],
    ['"connection timeout"', 'a'],
    ['TIMEOUT !"connection timeout"', 'b'],
    ['!timeout', 'dg'],
    ['is:unresolved', 'ga'],
    ['!is:unresolved', 'db'],
    ['is:resolved', 'b'],
    ['is:muted', 'd'],
    ['is:regressed', 'g'],
    ['is:new', 'dgb'],
    ['is:assigned', 'd'],
    ['is:unassigned', 'gba'],
    ['is:[resolved,muted]', 'db'],
    ['level:error', 'a'],
    ['level:[info,debug]', 'dg'],
    ['!level:[info,debug]', 'ba'],
    ['source:shop', 'dg'],
    ['source:api-*', 'ba'],
    ['source:nobody*', ''],
    ['!source:api-*', 'dg'],
    ['environment:staging', 'a'],
    ['environment:[staging,production]', 'ga'],
    ['environment:prod*', 'ga'],
    ['!environment:production', 'db'],
    ['release:1.2.3', 'a'],
    ['release:1.2.*', 'ga'],
    ['release:*.3.*', 'a'],
    ['!release:1.2.*', 'db'],
    ['has:release', 'ga'],
    ['!has:release', 'db'],
    ['has:user', 'da'],
    ['has:browser', 'ba'],
    ['browser:"Chrome 130"', 'a'],
    ['browser:[Firefox,"Chrome 130"]', 'ba'],
    ['tag.browser:Chrome*', 'a'],
    ['browser:chrome*', ''],
    ['!browser:Firefox', 'dga'],
    ['is.it:"yes \\"no\\""', 'd'],
    ['assigned:none', 'gba'],
    ['assigned:ann@example.org', 'd'],
    ['assigned:Ann@Example.org', 'd'],
    ['assigned:nobody@example.org', ''],
    ['assigned:[none,ann@example.org]', 'dgba'],
    ['!assigned:ann@example.org', 'gba'],
    ['count:>1', 'a'],
    ['count:<=1', 'dgb'],
    ['users:>=2', 'a'],
    ['users:1', 'd'],
    ['!users:>=1', 'gb'],
    ['first_seen:2026-11-20', 'a'],
    ['first_seen:>2026-11-20', 'dgb'],
    ['first_seen:<=2026-11-20', 'a'],
    ['first_seen:>=2026-11-21T17:00:00Z', 'dg'],
    ['last_seen:<2026-11-20T12:00', 'a'],
    ['last_seen:-150m', 'dg'],
    ['last_seen:+1d', 'a'],
    ['last_seen:>-1d last_seen:<-90m', 'gb'],
    ['is:unresolved level:error source:api-web "connection"', 'a'],
    ['browser:Firefox has:browser !is:muted users:<1', 'b'],
  ])('finds by %s', async (query, expected) => {
    expect(await list(query)).toBe(expected);
    expect([...(await list(query, { sort: '-count' }))].toSorted()).toEqual([...expected].toSorted());
  });

  it('goes with the plain filters', async () => {
    expect(await list('timeout', { source: 'api-web', search: 'conn', resolved: 'false' })).toBe('a');
  });

  it('knows who asks', async () => {
    expect(await list('assigned:me', {}, ann)).toBe('d');
    await expect(list('assigned:me', {}, key)).rejects.toMatchObject({
      details: [
        { field: 'query', message: 'column 10: expected none or an e-mail address: a key is nobody’s “me”' },
      ],
    });
  });

  it.each([
    [
      'is:open',
      'column 4: expected one of unresolved, resolved, muted, regressed, new, assigned, unassigned',
    ],
    ['x level:fatal', 'column 9: expected one of error, warning, info, debug'],
    ['level:[error,>info]', 'column 14: expected one of error, warning, info, debug'],
    ['count:many', 'column 7: expected a whole number, such as >100'],
    ['count:[1,2]', 'column 9: expected one value for count'],
    ['source:>a', 'column 8: expected a value to be equal to'],
    ['first_seen:yesterday', 'column 12: expected a time such as >2026-01-31, <2026-01-31T09:30:00Z or -24h'],
    ['first_seen:2026-01-31T09:30:00Z', 'column 12: expected a comparison, such as >=2026-01-31T09:30:00Z'],
    ['assigned:ann', 'column 10: expected me, none or an e-mail address'],
  ])('refuses %s', async (query, message) => {
    await expect(list(query)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [{ field: 'query', message }],
    });
  });

  it.each(['count', '-count', 'users', '-users', '-last_seen'])(
    'walks by cursor, ordered by %s',
    async (sort) => {
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await errors.reader.list(
          plainToInstance(ListErrorsQuery, { sort, limit: 1, cursor, query: '!level:info' }),
        );
        walked.push(...page.errors.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      const all = await errors.reader.list(plainToInstance(ListErrorsQuery, { sort, query: '!level:info' }));
      expect(walked).toEqual(all.errors.map(({ id }) => id));
      expect(walked).toHaveLength(3);
      if (sort === '-users') expect(walked[0]).toBe(ids['alpha connection timeout']);
    },
  );

  it('takes no cursor of another kind of order', async () => {
    const cursor = Buffer.from(JSON.stringify(['-count', '2026-01-01T00:00:00Z', ANN])).toString('base64url');
    await expect(
      errors.reader.list(plainToInstance(ListErrorsQuery, { sort: '-count', cursor })),
    ).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});
