import os from 'node:os';
import { parseNetworkDevices, percent, processorPercent, SystemUsage } from './system-usage.js';

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
  eth0:    1000      10    0    0    0     0          0         0      200       4    0    0    0     0       0          0
  eth1:5       10    0    0    0     0          0         0      7       4    0    0    0     0       0          0
`;

describe('figures of the machine', () => {
  it('adds up the network interfaces but loopback', () => {
    expect(parseNetworkDevices(NET_DEV)).toEqual({ received: 1005, sent: 207 });
  });

  it('rounds percentages to one decimal and keeps them within 0 and 100', () => {
    expect(percent(1, 3)).toBe(33.3);
    expect(percent(5, 4)).toBe(100);
    expect(percent(-1, 4)).toBe(0);
    expect(percent(1, 0)).toBe(0);
  });

  it('compares processor times of the same limit only', () => {
    const before = { busy: 10, available: 100, cores: 2 };
    expect(processorPercent(before, { busy: 15, available: 110, cores: 2 })).toBe(50);
    expect(processorPercent(before, { busy: 15, available: 110, cores: 1 })).toBeUndefined();
    expect(processorPercent(before, before)).toBeUndefined();
  });
});

describe('SystemUsage', () => {
  it('reads this machine, also when the data directory does not exist', async () => {
    const sample = await new SystemUsage({ DATA_DIR: '/nowhere' }).read();
    for (const key of ['cpu_percent', 'memory_percent', 'disk_percent'] as const) {
      expect(sample[key]).toBeGreaterThanOrEqual(0);
      expect(sample[key]).toBeLessThanOrEqual(100);
    }
    expect(sample.memory_used_mb).toBeGreaterThan(0);
    expect(sample).toMatchObject({ network_bytes_in: 0, network_bytes_out: 0 });
  });

  it('sees a busy processor', async () => {
    const usage = new SystemUsage({ DATA_DIR: '.' });
    await usage.read();
    const until = performance.now() + 300;
    while (performance.now() < until);
    expect((await usage.read()).cpu_percent).toBeGreaterThan(40 / os.cpus().length);
  });

  it('has a background sample once started, and none before', async () => {
    const usage = new SystemUsage({ DATA_DIR: '.' });
    expect(() => usage.latest()).toThrow('not been started');
    await usage.start();
    expect(usage.latest().memory_percent).toBeGreaterThan(0);
    usage.onModuleDestroy();
  });
});
