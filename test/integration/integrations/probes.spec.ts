import type { ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import { SecretBox } from '../../../src/common/secret-box.js';
import { IntegrationProbes } from '../../../src/modules/integrations/integration-probes.service.js';
import { IntegrationSecretsBox } from '../../../src/modules/integrations/integration-secrets.js';
import { IntegrationsReader } from '../../../src/modules/integrations/integrations.reader.js';
import { IntegrationsService } from '../../../src/modules/integrations/integrations.service.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import type { Bus } from '../../../src/realtime/bus.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';
import { TestClock } from '../monitoring/monitoring-parts.js';
import { makeProber } from './probe-parts.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const TOKEN = 'nobody-may-see-this';

describe('the health of integrations', () => {
  let database: TestDatabase;
  let server: LocalServer;
  let answer: () => { status: number; text: string };
  let onAsked: () => Promise<unknown>;
  let clock: TestClock;
  let jobs: { ids?: string[] }[];
  let published: object[];

  beforeAll(async () => {
    database = await createTestDatabase();
    const respond = async (response: ServerResponse): Promise<void> => {
      await onAsked();
      const { status, text } = answer();
      response.writeHead(status).end(text);
    };
    server = await startHttp((_request, response) => {
      void respond(response);
    });
  });
  afterAll(async () => {
    await database.drop();
    await server.close();
  });
  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE integrations CASCADE');
    answer = () => ({ status: 400, text: 'no_text' });
    onAsked = () => Promise.resolve();
    clock = new TestClock();
    clock.hold();
    jobs = [];
    published = [];
  });

  const parts = (secretKey = 's'.repeat(32)) => {
    const { dataSource } = database;
    const secrets = new IntegrationSecretsBox(new SecretBox(secretKey));
    const queue = {
      add: (_name: string, payload: { ids?: string[] }) => Promise.resolve(jobs.push(payload)),
    };
    const bus = {
      publish: (event: string, change: object) => Promise.resolve(published.push({ event, ...change })),
    };
    return {
      probes: new IntegrationProbes(dataSource, secrets, makeProber(), bus as unknown as Bus, clock),
      service: new IntegrationsService(dataSource, secrets, queue as unknown as JobQueue, clock),
      reader: new IntegrationsReader(dataSource, secrets, clock),
    };
  };
  const config = (given: object = {}) => ({ webhook_url: server.url + TOKEN, ...given });
  const count = async (): Promise<number> => {
    const [row] = await database.dataSource.query<[{ count: number }]>(
      'SELECT count(*)::int AS count FROM integration_probes',
    );
    return row.count;
  };

  it('is the share of the scheduled probes of a day, and takes no more than those', async () => {
    const { probes, service, reader } = parts();
    await service.save('slack', { config: config() });
    for (let turn = 0; turn < 6; turn++) {
      answer = () => (turn === 1 ? { status: 404, text: 'no_service' } : { status: 400, text: 'no_text' });
      await probes.probeAll();
      clock.advance(5 * MINUTE);
    }
    expect((await reader.get('slack')).health).toMatchObject({ status: 'healthy', uptime_percent: 83.333 });
    clock.advance(DAY - 10 * MINUTE);
    await probes.probeAll();
    expect((await reader.get('slack')).health.uptime_percent).toBe(100);
    expect(await count()).toBe(2);
  });

  it('counts neither tests, which come when something is wrong, nor what was not measured', async () => {
    const { probes, service, reader } = parts();
    await service.save('slack', { config: config() });
    await probes.probeAll();
    answer = () => ({ status: 404, text: 'no_service' });
    expect(await probes.test('slack')).toMatchObject({ ok: false });
    await probes.probeSome(jobs[0]!.ids!);
    expect((await reader.get('slack')).health).toMatchObject({ status: 'unhealthy', uptime_percent: 100 });
    answer = () => ({ status: 429, text: '' });
    await probes.probeAll();
    expect((await reader.get('slack')).health).toMatchObject({ status: 'unknown', uptime_percent: 100 });
    expect(await count()).toBe(1);
  });

  it('is not known after a change, and asked for at once; the same settings again change nothing', async () => {
    const { probes, service, reader } = parts();
    await service.save('slack', { config: config() });
    await probes.probeAll();
    const before = await reader.get('slack');
    await service.save('slack', { config: { webhook_url: '[hidden]' } });
    expect(await reader.get('slack')).toEqual(before);
    expect(jobs).toHaveLength(1);
    await service.save('slack', { config: config({ channel: '#new' }) });
    expect((await reader.get('slack')).health).toMatchObject({ status: 'unknown', last_checked: null });
    expect(jobs).toHaveLength(2);
    await service.save('slack', { enabled: false, config: config() });
    expect(jobs).toHaveLength(2);
  });

  it('takes no result of settings that have changed meanwhile', async () => {
    const { probes, service, reader } = parts();
    await service.save('slack', { config: config() });
    onAsked = async () => {
      onAsked = () => Promise.resolve();
      await service.save('slack', { config: config({ channel: '#new' }) });
    };
    await probes.probeAll();
    expect((await reader.get('slack')).health).toMatchObject({ status: 'unknown', last_checked: null });
    expect(await count()).toBe(0);
  });

  it('survives that an integration is deleted while it is probed', async () => {
    const { probes, service } = parts();
    await service.save('slack', { config: config() });
    onAsked = () => service.delete('slack');
    await probes.probeAll();
    expect(await count()).toBe(0);
  });

  it('is unknown when the secrets cannot be read, and they stay as they are', async () => {
    await parts().service.save('slack', { config: config() });
    const other = parts('t'.repeat(32));
    await other.probes.probeAll();
    const found = await other.reader.get('slack');
    expect(found.health).toMatchObject({ status: 'unknown', error: expect.stringContaining('SECRET_KEY') });
    expect(found.config).toEqual({ webhook_url: '[hidden]' });
    await expect(other.service.save('slack', { config: { webhook_url: '[hidden]' } })).rejects.toThrow();
    expect(await parts().probes.test('slack')).toMatchObject({ ok: true });
  });

  it('is told to the log once, without secrets', async () => {
    const lines: string[] = [];
    const keep = (level: string) => (message: unknown) => lines.push(`${level}: ${String(message)}`);
    Logger.overrideLogger({ log: keep('log'), warn: keep('warn'), error: keep('error') });
    try {
      const { probes, service } = parts();
      await service.save('slack', { config: config() });
      answer = () => ({ status: 404, text: `no ${TOKEN}` });
      await probes.probeAll();
      await probes.probeAll();
      answer = () => ({ status: 400, text: 'no_text' });
      await probes.probeAll();
    } finally {
      Logger.overrideLogger(['error', 'fatal']);
    }
    expect(lines).toEqual([
      'warn: Integration slack does not work: The webhook is dead: Slack answers 404 no [hidden]',
      'log: Integration slack works again',
    ]);
  });

  it('is announced when it changes, and only then', async () => {
    const { probes, service, reader } = parts();
    const before = new Date(clock.now().getTime() - 1);
    await service.save('slack', { config: config() });
    await probes.probeAll();
    clock.advance(MINUTE);
    await probes.probeAll();
    answer = () => ({ status: 404, text: 'no_service' });
    clock.advance(MINUTE);
    await probes.probeAll();
    const change = { event: 'integration.status_changed', service: 'Slack', integration: 'slack' };
    const at = (minutes: number) => new Date(before.getTime() + 1 + minutes * MINUTE).toISOString();
    expect(published).toEqual([
      { ...change, status: 'healthy', at: at(0) },
      { ...change, status: 'unhealthy', at: at(2) },
    ]);
    expect(await reader.changedSince(before)).toMatchObject([{ name: 'slack', status: 'unhealthy' }]);
    expect(await reader.changedSince(clock.now())).toEqual([]);
  });

  it('of many is found out side by side', async () => {
    const { probes, service, reader } = parts();
    for (let n = 0; n < 25; n++) await service.save(`room-${n}`, { kind: 'slack', config: config() });
    let asked = 0;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    onAsked = () => {
      // Nobody is answered before ten have asked.
      if (++asked === 10) open();
      return gate;
    };
    await probes.probeAll();
    const found = await reader.services();
    expect(found.filter(({ status }) => status === 'healthy')).toHaveLength(25);
    expect(asked).toBe(25);
  });
});
