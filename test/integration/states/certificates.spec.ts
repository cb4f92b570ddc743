import type { DataSource } from 'typeorm';
import type { CertificateFacts } from '../../../src/modules/monitoring/checkers/certificate-facts.js';
import { insertEndpoints, makeWorker, result, statusOf, TestClock } from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('certificates that endpoints show', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  const FIRST: CertificateFacts = {
    fingerprint: 'AA:BB',
    subject: 'example.org',
    issuer: 'Some CA',
    names: ['example.org', 'www.example.org'],
    valid_from: now - 86_400_000,
    valid_to: now + 86_400_000,
    trusted: true,
    problem: null,
    chain: [{ subject: 'Some CA', issuer: 'Some Root', valid_to: new Date(now).toISOString() }],
  };
  const SECOND = { ...FIRST, fingerprint: 'CC:DD', valid_to: now + 90 * 86_400_000 };

  const showing = (id: string, slot: number, certificate: CertificateFacts | null) => {
    const plain = result(id, slot);
    return { ...plain, measurement: { ...plain.measurement, certificate } };
  };
  const stored = async (id: string): Promise<Record<string, unknown> | undefined> => {
    const [row] = await dataSource.query<Record<string, unknown>[]>(
      'SELECT * FROM endpoint_certificates WHERE endpoint_id = $1',
      [id],
    );
    return row;
  };

  it('are kept, with the time that they end', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    await makeWorker(dataSource).writer.write(showing(id!, now, FIRST));
    expect(await stored(id!)).toEqual({
      ...FIRST,
      endpoint_id: id,
      valid_from: new Date(FIRST.valid_from),
      valid_to: new Date(FIRST.valid_to),
      seen_at: new Date(now),
    });
    expect(await statusOf(dataSource, id!)).toMatchObject({
      certificate_expires_at: new Date(FIRST.valid_to),
      status: 'operational',
    });
  });

  it('are not written again as long as they are the same', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const one = makeWorker(dataSource);
    await one.writer.write(showing(id!, now, FIRST));
    await dataSource.query(`UPDATE endpoint_certificates SET subject = 'untouched' WHERE endpoint_id = $1`, [
      id,
    ]);
    await one.writer.write(showing(id!, now + 1_000, FIRST));
    await makeWorker(dataSource).writer.write(showing(id!, now + 2_000, FIRST));
    expect(await stored(id!)).toMatchObject({ subject: 'untouched', seen_at: new Date(now) });
  });

  it('are replaced by new ones, and by the news that one is not trusted any more', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer } = makeWorker(dataSource);
    await writer.write(showing(id!, now, FIRST));
    await writer.write(showing(id!, now + 1_000, SECOND));
    expect(await stored(id!)).toMatchObject({ fingerprint: 'CC:DD', seen_at: new Date(now + 1_000) });
    expect(await statusOf(dataSource, id!)).toMatchObject({
      certificate_expires_at: new Date(SECOND.valid_to),
    });
    await writer.write(showing(id!, now + 2_000, { ...SECOND, trusted: false, problem: 'revoked' }));
    expect(await stored(id!)).toMatchObject({ trusted: false, problem: 'revoked' });
  });

  it('are looked at again after a while: another process may have seen another one', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const clock = new TestClock();
    const one = makeWorker(dataSource, clock);
    await one.writer.write(showing(id!, now, FIRST));
    await makeWorker(dataSource).writer.write(showing(id!, now + 1_000, SECOND));
    await one.writer.write(showing(id!, now + 2_000, FIRST));
    expect(await stored(id!)).toMatchObject({ fingerprint: 'CC:DD' });
    clock.advance(15 * 60_000);
    await one.writer.write(showing(id!, now + 3_000, FIRST));
    expect(await stored(id!)).toMatchObject({ fingerprint: 'AA:BB' });
  });

  it('are gone when an endpoint answers without one', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer } = makeWorker(dataSource);
    await writer.write(showing(id!, now, FIRST));
    await writer.write(result(id!, now + 1_000, 'major_outage'));
    expect(await stored(id!)).toBeDefined();
    await writer.write(showing(id!, now + 2_000, null));
    expect(await stored(id!)).toBeUndefined();
    expect(await statusOf(dataSource, id!)).toMatchObject({ certificate_expires_at: null });
    await writer.write(showing(id!, now + 3_000, FIRST));
    expect(await stored(id!)).toBeDefined();
  });
});
