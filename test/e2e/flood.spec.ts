import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { RunningProduct } from '../support/running-product.js';
import { waitFor } from '../support/wait-for.js';

const WAVE = 100;

/** What a user sees when a program goes wild: the flood is bounded, told of once, and accounted for. */
describe('a flood of errors', () => {
  let database: TestDatabase;
  let product: RunningProduct;
  beforeAll(async () => {
    database = await createTestDatabase();
    product = await RunningProduct.start({
      databaseUrl: database.url,
      environment: {
        ERROR_LIMIT_PER_KEY: '5000',
        SPIKE_PROTECTION: 'true',
        SPIKE_FLOOR: '200',
        FOLD_INTERVAL: '1s',
      },
    });
  });
  afterAll(async () => {
    await product.stop();
    await database.drop();
  });

  it('is kept to its limit, told of once, and accounted for', async () => {
    const { client } = product;
    const statuses = new Map<number, number>();
    let sent = 0;
    let refused: Headers | undefined;
    const wave = async () => {
      const answers = await Promise.all(
        Array.from({ length: WAVE }, () =>
          client.post('/api/errors', { message: 'Out of stock', source: 'shop' }),
        ),
      );
      sent += WAVE;
      for (const { status, headers, body } of answers) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status !== 429) continue;
        expect(body.code).toBe('RATE_LIMIT_EXCEEDED');
        refused ??= headers;
      }
      return refused;
    };
    await waitFor('the flood to be refused', wave, 30_000);
    for (let n = 0; n < 5; n++) await wave();
    expect(Number(refused!.get('retry-after'))).toBeGreaterThan(0);
    expect(new Set(statuses.keys())).toEqual(new Set([201, 429]));

    const limited = await client.post('/api/errors', { message: 'New', source: 'elsewhere' });
    expect(limited.status).toBe(201);
    expect(limited.headers.get('ratelimit-policy')).toBe('"errors";q=5000;w=60');
    expect(limited.headers.get('ratelimit')).toMatch(/^"errors";r=\d+;t=\d+$/);
    sent++;

    const ledger = await waitFor('every report to stand in the ledger', async () => {
      const { data } = (await client.get('/api/errors/ledger')).body;
      return data.received >= sent && data;
    });
    expect(ledger.received).toBe(sent);
    const counted = (outcome: string) =>
      ledger.totals
        .filter((line: { outcome: string }) => line.outcome === outcome)
        .reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(counted('accepted')).toBe(statuses.get(201)! + 1);
    expect(counted('limited')).toBe(statuses.get(429));
    const { errors } = (await client.get('/api/errors?source=shop')).body.data;
    expect(errors).toMatchObject([{ count: statuses.get(201) }]);

    const { spikes } = (await client.get('/api/errors/spikes?open=true')).body.data;
    expect(spikes).toMatchObject([{ source: 'shop', limit_per_minute: 200, ended_at: null }]);
    const [incident, ...others] = await waitFor(
      'the incident',
      async () => {
        const { incidents } = (await client.get('/api/alerts/incidents')).body.data;
        return incidents.length > 0 && incidents;
      },
      30_000,
    );
    expect(incident).toMatchObject({ title: 'Flood of errors: shop', status: 'investigating' });
    expect(others).toEqual([]);
  });

  it('lets people change what is kept, and says what holds', async () => {
    const { client } = product;
    const before = (await client.get('/api/settings/retention')).body.data;
    expect(before).toMatchObject({ occurrences: null, effective: { occurrences: '30d', errors: 'none' } });
    const chosen = { occurrences: '7d', occurrences_disk_budget: '10GB', errors: '365d' };
    const { body } = await client.put('/api/settings/retention', chosen);
    expect(body.data).toMatchObject({
      ...chosen,
      checks: null,
      effective: { checks: '30d', occurrences: '7d', occurrences_disk_budget: '10.0 GB', errors: '365d' },
    });
    for (const wrong of [{ occurrences: '1h' }, { occurrences_disk_budget: 'much' }, { unknown: '1d' }])
      expect((await client.put('/api/settings/retention', wrong)).status).toBe(400);
    expect((await client.get('/api/errors/ledger?from=2020-01-01')).status).toBe(400);
  });
});
