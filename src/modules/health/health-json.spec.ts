import type { UsageSample } from '../../common/system-usage.js';
import { dependencyChecks, healthJson, systemChecks } from './health-json.js';

const TIME = '2026-01-01T00:00:00.000Z';
const GOOD = { healthy: true, message: 'connected', response_time_ms: 3 };
const BAD = { healthy: false, message: 'connection failed', response_time_ms: 800 };
const SEVERITY = { database: 'fail', redis: 'warn', queue: 'warn' } as const;
const IDLE: UsageSample = {
  cpu_percent: 1,
  memory_percent: 2,
  disk_percent: 3,
  memory_used_mb: 0,
  load_average: 0,
  network_bytes_in: 0,
  network_bytes_out: 0,
};

describe('health+json', () => {
  it('shows each dependency as a response time', () => {
    expect(dependencyChecks({ database: GOOD, queue: GOOD }, TIME, SEVERITY)).toEqual({
      'postgres:responseTime': [
        { componentType: 'datastore', observedValue: 3, observedUnit: 'ms', status: 'pass', time: TIME },
      ],
      'queue:responseTime': [
        { componentType: 'component', observedValue: 3, observedUnit: 'ms', status: 'pass', time: TIME },
      ],
    });
  });

  it.each([
    ['pass', { database: GOOD, redis: GOOD, queue: GOOD }],
    ['warn', { database: GOOD, redis: BAD, queue: GOOD }],
    ['fail', { database: BAD, redis: BAD, queue: GOOD }],
  ])('is %s, the worst of its checks', (status, dependencies) => {
    expect(healthJson(dependencyChecks(dependencies, TIME, SEVERITY)).status).toBe(status);
  });

  it('fails while the process stops, whatever the checks say', () => {
    expect(healthJson({}, true).status).toBe('fail');
  });

  it('says what is wrong with what failed, and nothing of the rest', () => {
    const checks = dependencyChecks({ database: GOOD, redis: BAD, queue: GOOD }, TIME, SEVERITY);
    expect(checks['redis:responseTime']![0]).toMatchObject({ status: 'warn', output: 'connection failed' });
    expect(checks['postgres:responseTime']![0]).not.toHaveProperty('output');
  });

  it('warns of a machine that is nearly used up', () => {
    const checks = systemChecks({ ...IDLE, disk_percent: 95.1 }, TIME);
    expect(checks['disk:utilization']![0]).toMatchObject({ observedValue: 95.1, status: 'warn' });
    expect(checks['cpu:utilization']![0]).toMatchObject({ observedValue: 1, status: 'pass' });
  });
});
