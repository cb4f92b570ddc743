import { JOB_QUEUES } from '../../../src/queues/jobs.js';
import { JobQueue } from '../../../src/queues/job-queue.js';
import type { ApiClient } from '../../support/api-client.js';
import { ApiUnderTest } from './api-under-test.js';
import { type LocalServer, startHttp } from './local-server.js';

const ENDPOINTS = '/health/api/endpoints';

describe('settings that are tried out', () => {
  let api: ApiUnderTest;
  let client: ApiClient;
  let target: LocalServer;
  let seen: Record<string, string | string[] | undefined>[] = [];

  beforeAll(async () => {
    target = await startHttp((request, response) => {
      seen.push(request.headers);
      response.end('all is well');
    });
    api = await ApiUnderTest.start();
    client = api.writer;
  });
  afterAll(async () => {
    await api.stop();
    await target.close();
  });
  beforeEach(async () => {
    seen = [];
    await api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
  });

  const test = (settings: object) => client.post(`${ENDPOINTS}/test`, settings);

  it('answer what a check with them finds, and store nothing', async () => {
    const [good, bad, secret] = await api.withWorker(async () => [
      await test({ url: target.url, assertions: [{ type: 'body', operator: 'contains', value: 'well' }] }),
      await test({ url: target.url, expected_status_codes: ['418'] }),
      await test({ url: target.url, auth: { type: 'bearer', token: 'top-secret' } }),
    ]);
    expect(good).toMatchObject({
      status: 200,
      body: { data: { ok: true, status: 'operational', status_code: 200, error: null, certificate: null } },
    });
    expect(bad.body.data).toMatchObject({
      ok: false,
      status: 'major_outage',
      error: 'Expected 418, got 200',
    });
    expect(secret.body.data.ok).toBe(true);
    expect(seen.at(-1)).toMatchObject({ authorization: 'Bearer top-secret' });
    expect((await client.get(ENDPOINTS)).body.data.total).toBe(0);
    expect(await api.database.dataSource.query('SELECT * FROM checks')).toEqual([]);
    const jobs = await api.app.get(JobQueue).queue(JOB_QUEUES['test-endpoint']).getJobs();
    expect(jobs.length).toBeGreaterThan(0);
    expect(JSON.stringify(jobs.map(({ data }) => data as unknown))).not.toContain('top-secret');
  });

  it('take the secrets of the endpoint that is being changed, but nowhere else', async () => {
    const { body } = await client.post(ENDPOINTS, {
      name: 'Shop',
      url: target.url,
      headers: { 'X-Key': 'stored' },
    });
    const given = { id: body.data.id, name: 'Shop', headers: { 'X-Key': '[hidden]' } };
    await api.withWorker(() => test({ ...given, url: target.url }));
    expect(seen.at(-1)).toMatchObject({ 'x-key': 'stored' });
    expect(await test({ ...given, url: 'http://mine.test/' })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'url' }] },
    });
    expect((await test({ ...given, id: undefined, url: target.url })).status).toBe(400);
  });

  it.each([
    [{ url: 'http://169.254.169.254/' }, 400, 'TARGET_REFUSED'],
    [{ url: 'tcp://2852039166:80', kind: 'tcp' }, 400, 'TARGET_REFUSED'],
    [{ name: 'Backup', kind: 'push' }, 400, 'VALIDATION_FAILED'],
    [{ url: 'http://a.test/', id: '01890000-0000-7000-8000-000000000000' }, 404, 'ENDPOINT_NOT_FOUND'],
    [{ url: 'http://a.test/' }, 503, 'WORKER_UNAVAILABLE'],
  ])('%j answers %i %s', async (settings, status, code) => {
    expect(await test(settings)).toMatchObject({ status, body: { code } });
  });

  it('need the right to write', async () => {
    expect((await api.reader.post(`${ENDPOINTS}/test`, { url: target.url })).status).toBe(403);
  });
});
