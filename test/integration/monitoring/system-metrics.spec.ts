import type { SystemUsage, UsageSample } from '../../../src/common/system-usage.js';
import { SystemMetricsCollector } from '../../../src/modules/monitoring/system-metrics/system-metrics.collector.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { TestClock } from './monitoring-parts.js';

const USAGE = { cpu_percent: 1, memory_percent: 1, memory_used_mb: 1, disk_percent: 1, load_average: 1 };

describe('system metrics', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('count the traffic of a machine once, however many workers on it take turns', async () => {
    const clock = new TestClock();
    const begun = clock.hold();
    /** A machine that receives a byte a millisecond. Like the real meter, each counts from its own last reading. */
    const makeCollector = () => {
      let last: number | undefined;
      const read = (): Promise<UsageSample> => {
        const now = clock.now().getTime();
        const bytes = now - (last ?? now);
        last = now;
        return Promise.resolve({ ...USAGE, network_bytes_in: bytes, network_bytes_out: bytes * 2 });
      };
      return new SystemMetricsCollector(database.dataSource, { read } as unknown as SystemUsage, clock);
    };
    const [one, two] = [makeCollector(), makeCollector()];
    for (const collector of [one, two]) await collector.collect();
    for (const collector of [one, two, one, one, two, two, two, one]) {
      clock.advance(10_000);
      await collector.collect();
    }
    const elapsed = clock.now().getTime() - begun;
    const sums = await database.dataSource.query(
      'SELECT sum(network_bytes_in)::int AS received, sum(network_bytes_out)::int AS sent FROM system_metrics',
    );
    expect(sums).toEqual([{ received: elapsed, sent: elapsed * 2 }]);
  });
});
