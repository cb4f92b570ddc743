import { listEndpoints } from '../../../src/modules/monitoring/endpoints/list-endpoints.sql.js';
import {
  ENDPOINT_SORTS,
  type EndpointsQuery,
} from '../../../src/modules/monitoring/endpoints/dto/endpoints-query.dto.js';
import type { ApiClient } from '../../support/api-client.js';
import { ApiUnderTest } from './api-under-test.js';
import { insertEndpoints } from './monitoring-parts.js';

const ENDPOINTS = '/health/api/endpoints';
const DAY = 86_400_000;
const MANY = 5_000;
/** Measured alone on the machine: 15 to 25 ms, by uptime 30 to 40 ms. Tests share it with others. */
const BUSY_MS = 200;

describe('lists of endpoints, and changes to many', () => {
  let api: ApiUnderTest;
  let client: ApiClient;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    client = api.writer;
  });
  afterAll(() => api.stop());

  const list = async (query: string) => (await api.reader.get(`${ENDPOINTS}?${query}`)).body.data;
  const names = async (query: string): Promise<string[]> =>
    (await list(query)).endpoints.map((endpoint: { name: string }) => endpoint.name);
  const bulk = (given: object) => client.post(`${ENDPOINTS}/bulk`, given);

  describe('of a few', () => {
    const ids: Record<string, string> = {};
    beforeEach(async () => {
      await api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
      for (const settings of [
        { name: 'Alpha', url: 'https://alpha.test/', group: 'Web', tags: ['eu', 'prod'] },
        { name: 'Bravo', url: 'tcp://bravo.test:22', kind: 'tcp', group: 'Web', tags: ['eu'] },
        { name: 'Charlie 100%', url: 'https://charlie.test/', tags: ['prod'] },
        { name: 'Delta', kind: 'push', group: 'Jobs', enabled: false },
      ]) {
        const { status, body } = await client.post(ENDPOINTS, settings);
        expect({ status, details: body.details }).toEqual({ status: 201, details: undefined });
        ids[settings.name[0]!] = body.data.id;
      }
      const { dataSource } = api.database;
      const state = async (
        id: string,
        status: string,
        response: number | null,
        age: string,
      ): Promise<void> => {
        await dataSource.query(
          `UPDATE endpoint_state_intervals SET started_at = now() - interval '2 days', ended_at = now() - $2::interval
           WHERE endpoint_id = $1`,
          [id, age],
        );
        await dataSource.query(
          `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state) VALUES ($1, now() - $3::interval, $2)`,
          [id, status, age],
        );
        await dataSource.query(
          `UPDATE endpoint_status SET status = $2, measured_status = $2, last_response_ms = $3,
             last_checked_at = now() - $4::interval WHERE endpoint_id = $1`,
          [id, status, response, age],
        );
      };
      await state(ids['A']!, 'operational', 30, '3 hours');
      await state(ids['B']!, 'major_outage', null, '2 hours');
      await state(ids['C']!, 'degraded', 10, '1 hour');
    });

    it.each([
      ['search=ALPHA.test', ['Alpha']],
      ['search=web', ['Alpha', 'Bravo']],
      ['search=prod', ['Alpha', 'Charlie 100%']],
      ['search=100%25', ['Charlie 100%']],
      ['search=_', []],
      ['group=Web', ['Alpha', 'Bravo']],
      ['tag=eu', ['Alpha', 'Bravo']],
      ['tag=eu&tag=prod', ['Alpha']],
      ['status=degraded&status=major_outage', ['Bravo', 'Charlie 100%']],
      ['kind=push&kind=tcp', ['Bravo', 'Delta']],
      ['enabled=false', ['Delta']],
      ['enabled=true&group=Web&status=operational', ['Alpha']],
      ['sort=-name', ['Delta', 'Charlie 100%', 'Bravo', 'Alpha']],
      ['sort=status', ['Bravo', 'Charlie 100%', 'Delta', 'Alpha']],
      ['sort=response_time', ['Charlie 100%', 'Alpha', 'Bravo', 'Delta']],
      ['sort=-response_time', ['Alpha', 'Charlie 100%', 'Bravo', 'Delta']],
      ['sort=uptime', ['Bravo', 'Alpha', 'Charlie 100%', 'Delta']],
      ['sort=-last_checked', ['Charlie 100%', 'Bravo', 'Alpha', 'Delta']],
      ['sort=-created_at&limit=1', ['Delta']],
      ['sort=group', ['Delta', 'Alpha', 'Bravo', 'Charlie 100%']],
      ['sort=name&limit=2&offset=2', ['Charlie 100%', 'Delta']],
    ])('%s', async (query, expected) => {
      expect(await names(query)).toEqual(expected);
    });

    it('say what all that were chosen have in common, on every page', async () => {
      const summary = {
        states: {
          operational: 1,
          degraded: 0,
          partial_outage: 0,
          major_outage: 1,
          maintenance: 0,
          unknown: 0,
        },
        groups: [{ name: 'Web', count: 2 }],
        tags: [
          { name: 'eu', count: 2 },
          { name: 'prod', count: 1 },
        ],
      };
      for (const page of ['limit=1', 'limit=1&offset=1', 'limit=1&offset=9']) {
        expect(await list(`group=Web&${page}`)).toMatchObject({ total: 2, summary });
      }
      expect((await list('search=nothing')).summary).toMatchObject({ groups: [], tags: [] });
    });

    it.each(['sort=size', 'status=bad', 'kind=dove', 'enabled=maybe', 'search=', 'color=red'])(
      'refuse %s',
      async (query) => {
        expect((await api.reader.get(`${ENDPOINTS}?${query}`)).body.code).toBe('VALIDATION_FAILED');
      },
    );

    it('disabling many makes them unknown, like disabling one; enabling makes them due', async () => {
      const { body } = await bulk({ filter: {}, action: 'disable' });
      expect(body.data).toEqual({ matched: 4, changed: 3 });
      expect(await list('')).toMatchObject({ summary: { states: { unknown: 4 } } });
      const open = await api.database.dataSource.query(
        'SELECT DISTINCT state FROM endpoint_state_intervals WHERE ended_at IS NULL',
      );
      expect(open).toEqual([{ state: 'unknown' }]);
      expect((await bulk({ filter: {}, action: 'enable' })).body.data).toEqual({ matched: 4, changed: 4 });
      const due = await api.database.dataSource.query(
        `SELECT e.name FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
         WHERE next_check_at <= now() ORDER BY name`,
      );
      expect(due).toEqual([{ name: 'Alpha' }, { name: 'Bravo' }, { name: 'Charlie 100%' }]);
    });

    it('labels and intervals change where they differ', async () => {
      const all = Object.values(ids);
      expect((await bulk({ ids: all, action: 'set_group', group: 'Web' })).body.data.changed).toBe(2);
      expect(
        (await bulk({ filter: { tag: ['eu'] }, action: 'add_tags', tags: ['eu', 'x'] })).body.data,
      ).toEqual({
        matched: 2,
        changed: 2,
      });
      expect((await bulk({ ids: all, action: 'remove_tags', tags: ['eu', 'none'] })).body.data.changed).toBe(
        2,
      );
      expect((await bulk({ ids: all, action: 'set_interval', interval: '5m' })).body.data.changed).toBe(4);
      expect((await list('search=alpha')).endpoints[0]).toMatchObject({
        group: 'Web',
        tags: ['prod', 'x'],
        interval: '5m',
      });
      expect((await bulk({ ids: all, action: 'set_group', group: null })).body.data.changed).toBe(4);
      const tags = Array.from({ length: 50 }, (_, index) => `tag ${index}`);
      expect((await bulk({ ids: all, action: 'add_tags', tags })).status).toBe(400);
      expect((await list('search=alpha')).endpoints[0].tags).toEqual(['prod', 'x']);
    });

    it('deleting many takes them out of what depends on them', async () => {
      await client.send(
        'PATCH',
        `${ENDPOINTS}/${ids['A']}`,
        JSON.stringify({ depends_on: [ids['B'], ids['C']] }),
      );
      const { body } = await bulk({
        ids: [ids['B'], '01890000-0000-7000-8000-000000000000'],
        action: 'delete',
      });
      expect(body.data).toEqual({ matched: 1, changed: 1 });
      expect((await list('search=alpha')).endpoints[0].depends_on).toEqual([ids['C']]);
    });

    it.each([
      [{ action: 'delete' }, 'ids'],
      [{ action: 'delete', ids: [] }, 'ids'],
      [{ action: 'delete', ids: ['a'], filter: {} }, 'ids'],
      [{ action: 'explode', filter: {} }, 'action'],
      [{ action: 'set_interval', filter: {} }, 'interval'],
      [{ action: 'add_tags', filter: {} }, 'tags'],
      [{ action: 'set_group', filter: {} }, 'group'],
      [{ action: 'set_group', ids: ['01890000-0000-7000-8000-000000000000'] }, 'group'],
      [{ action: 'add_tags', filter: {}, tags: ['a'], group: null }, 'group'],
      [{ action: 'disable', filter: {}, tags: ['a'] }, 'tags'],
      [{ action: 'enable', filter: {}, interval: '5m' }, 'interval'],
      [{ action: 'delete', filter: {} }, 'filter'],
      [{ action: 'delete', filter: { tag: [] } }, 'filter'],
      [{ action: 'delete', filter: { color: 'red' } }, 'filter.color'],
      [{ action: 'delete', filter: { search: null } }, 'filter.search'],
    ])('refuses %j', async (given, field) => {
      const { status, body } = await bulk(given);
      expect({ status, fields: body.details.map((detail: { field: string }) => detail.field) }).toEqual({
        status: 400,
        fields: expect.arrayContaining([field]),
      });
      expect((await list('')).total).toBe(4);
    });
  });

  describe(`of ${MANY}, with 90 days of changes`, () => {
    let ids: string[];
    beforeAll(async () => {
      await api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
      ids = await insertEndpoints(
        api.database.dataSource,
        Array.from({ length: MANY }, (_, index) => ({
          next_check_at: new Date(Date.now() + 60_000 + index),
        })),
      );
      await api.database.dataSource.query(
        `UPDATE endpoints SET tags = ARRAY['tag ' || ascii(right(id::text, 1)), 'all'],
           group_name = 'Group ' || right(id::text, 2)`,
      );
      // A change a day.
      await api.database.dataSource.query('DELETE FROM endpoint_state_intervals');
      for (let first = 0; first < 90; first += 30) {
        await api.database.dataSource.query(
          `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
           SELECT id, now() - (n + 1) * interval '1 day',
             CASE WHEN n % 2 = 0 THEN 'operational' ELSE 'major_outage' END,
             CASE WHEN n > 0 THEN now() - n * interval '1 day' END
           FROM endpoints, generate_series($1::int, $1 + 29) n`,
          [first],
        );
      }
      await api.database.dataSource.query('ANALYZE');
    }, 120_000);

    const time = async (query: Partial<EndpointsQuery> & Pick<EndpointsQuery, 'sort'>): Promise<number> => {
      const { sql, values } = listEndpoints(query);
      const given = [new Date(), new Date(Date.now() - DAY), 50, 100, ...values];
      const times: number[] = [];
      for (let run = 0; run < 5; run++) {
        const started = performance.now();
        await api.database.dataSource.query(sql, given);
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    };

    it.each(ENDPOINT_SORTS)('a page by %s', async (sort) => {
      const ms = await time({ sort });
      expect(ms).toBeLessThan(BUSY_MS);
    });

    it.each([
      { search: 'endpoint' },
      { tag: ['all'], enabled: true },
      { status: ['unknown'] },
    ] as Partial<EndpointsQuery>[])('a page of %j', async (filter) => {
      const ms = await time({ sort: 'name', ...filter });
      expect(ms).toBeLessThan(BUSY_MS);
    });

    it.each(['disable', 'enable', 'set_interval', 'add_tags', 'check', 'delete'] as const)(
      '%s in one go',
      async (action) => {
        const started = performance.now();
        const more = {
          ...(action === 'add_tags' && { tags: ['new'] }),
          ...(action === 'set_interval' && { interval: '2m' }),
        };
        const { status, body } = await bulk({ ids, action, ...more });
        const ms = performance.now() - started;
        expect({ status, data: body.data }).toEqual({ status: 200, data: { matched: MANY, changed: MANY } });
        expect(ms).toBeLessThan(5_000);
      },
    );
  });
});
