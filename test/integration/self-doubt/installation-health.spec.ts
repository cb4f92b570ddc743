import type { NestExpressApplication } from '@nestjs/platform-express';
import { register } from 'prom-client';
import type { DataSource } from 'typeorm';
import { createApi } from '../../../src/api-server.js';
import { parseConfig } from '../../../src/config/config.js';
import { showInstallation } from '../../../src/modules/monitoring/self-doubt/installation-gauges.js';
import { InstallationHealthReader } from '../../../src/modules/monitoring/self-doubt/installation-health.reader.js';
import { JobQueue } from '../../../src/queues/job-queue.js';
import { redisIsInstalled, TestRedis } from '../../support/redis.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints } from '../monitoring/monitoring-parts.js';

const SECOND = 1_000;

describe.each(['PostgreSQL', ...(redisIsInstalled ? ['Redis'] : [])])(
  'how the installation does (queues on %s)',
  (backend) => {
    let database: TestDatabase;
    let dataSource: DataSource;
    let redis: TestRedis | undefined;
    let app: NestExpressApplication;
    let health: InstallationHealthReader;
    let jobs: JobQueue;
    beforeAll(async () => {
      database = await createTestDatabase();
      dataSource = database.dataSource;
      redis = backend === 'Redis' ? await TestRedis.start() : undefined;
      app = await createApi(
        parseConfig({ DATABASE_URL: database.url, SECRET_KEY: 's'.repeat(32), REDIS_URL: redis?.url }),
      );
      app.useLogger(['error']);
      await app.init();
      await dataSource.query('TRUNCATE endpoints CASCADE');
      health = app.get(InstallationHealthReader, { strict: false });
      jobs = app.get(JobQueue);
    });
    afterAll(async () => {
      await app.close();
      await redis?.stop();
      await database.drop();
    });

    it('is well when nothing is due and nothing waits', async () => {
      const { queue_ages, ...rest } = await health.read();
      expect([...queue_ages.values()].every((age) => age === 0)).toBe(true);
      expect(rest).toEqual({
        healthy: true,
        schedule_lag_ms: 0,
        queue_age_ms: 0,
        missed_slots_24h: 0,
        workers: 0,
        regions: [],
        network_lost: false,
      });
    });

    it('knows how long the oldest job has waited', async () => {
      const ago = (seconds: number) => ({ timestamp: Date.now() - seconds * SECOND });
      await jobs.add('collect-system-metrics', {}, ago(30));
      await jobs.add('collect-system-metrics', {}, ago(20));
      await jobs.add('run-checks-now', { endpoint_ids: [] }, ago(40));
      const { queue_ages, queue_age_ms } = await health.read();
      expect(queue_ages.get('background')).toBeGreaterThanOrEqual(30 * SECOND);
      expect(queue_ages.get('background')).toBeLessThan(35 * SECOND);
      expect(queue_ages.get('manual-checks')).toBeGreaterThanOrEqual(40 * SECOND);
      expect(queue_ages.get('checks')).toBe(0);
      expect(queue_age_ms).toBe(queue_ages.get('manual-checks'));
    });

    it('counts the wait of a scheduled job from when it is due, not from when it was made', async () => {
      await jobs.queue('background').drain();
      const made = Date.now() - 3_600 * SECOND;
      await jobs.add('clean-up', {}, { timestamp: made, prevMillis: Date.now() - 2 * SECOND });
      const { queue_ages } = await health.read();
      expect(queue_ages.get('background')).toBeGreaterThanOrEqual(2 * SECOND);
      expect(queue_ages.get('background')).toBeLessThan(10 * SECOND);
    });

    it('is not well when a region has nobody to check what is due there', async () => {
      const [id] = await insertEndpoints(dataSource, [{ next_check_at: null }]);
      await dataSource.query(`UPDATE endpoints SET regions = '{nowhere}' WHERE id = $1`, [id]);
      const add = (seconds: number) =>
        jobs.add('run-checks', { slots: [] }, { timestamp: Date.now() - seconds * SECOND }, 'nowhere');
      await add(50);
      expect(await health.read()).toMatchObject({ healthy: true });
      await add(61);
      const { healthy, queue_ages } = await health.read();
      expect(healthy).toBe(false);
      expect(queue_ages.get('checks-nowhere')).toBeGreaterThanOrEqual(61 * SECOND);
      await dataSource.query(`UPDATE endpoints SET regions = '{}' WHERE id = $1`, [id]);
      expect((await health.read()).queue_ages.has('checks-nowhere')).toBe(false);
    });

    it('lags by the endpoint that is overdue most, of those that are dispatched', async () => {
      const now = Date.now();
      const due = (seconds: number) => ({ next_check_at: new Date(now - seconds * SECOND) });
      const [, , push] = await insertEndpoints(dataSource, [
        due(10),
        due(30),
        due(90),
        { ...due(120), enabled: false },
      ]);
      await dataSource.query(`UPDATE endpoints SET kind = 'push' WHERE id = $1`, [push]);
      const { schedule_lag_ms, healthy } = await health.read();
      expect(schedule_lag_ms).toBeGreaterThanOrEqual(30 * SECOND);
      expect(schedule_lag_ms).toBeLessThan(40 * SECOND);
      expect(healthy).toBe(true);
      await insertEndpoints(dataSource, [due(61)]);
      expect((await health.read()).healthy).toBe(false);
    });

    it('shows it to Prometheus', async () => {
      showInstallation({ ...(await health.read()), regions: [{ region: 'eu', workers: 2 }] });
      const text = await register.metrics();
      expect(text).toMatch(/^watchkeep_schedule_lag_seconds 6\d\.\d+$/m);
      expect(text).toMatch(/^watchkeep_queue_age_seconds\{queue="manual-checks"\} \d+\.\d+$/m);
      expect(text).toMatch(/^watchkeep_workers\{region="eu"\} 2$/m);
    });
  },
);
