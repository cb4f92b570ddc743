import { parseCgroupPaths, parseCpuMax, parseStatistic, readCgroup } from './cgroup.js';

const GIB = 1024 ** 3;
const MACHINE = { cores: 8, memory: 16 * GIB };

function filesystem(files: Record<string, string>) {
  return (file: string) => Promise.resolve(files[file]);
}

describe('cgroup limits', () => {
  it('reads version 2, less the cache that can be dropped', async () => {
    const read = filesystem({
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
      '/sys/fs/cgroup/memory.max': `${GIB}\n`,
      '/sys/fs/cgroup/memory.current': '600000000\n',
      '/sys/fs/cgroup/memory.stat': 'anon 5\ninactive_file 100000000\n',
    });
    expect(await readCgroup(MACHINE, read)).toEqual({
      cpu: { cores: 1.5, seconds: 2.5 },
      memory: { limit: GIB, used: 500_000_000 },
    });
  });

  it('reads version 1 with its controllers apart', async () => {
    const read = filesystem({
      '/proc/self/cgroup': '4:memory:/app\n2:cpu,cpuacct:/app\n0::/\n',
      '/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/app/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpuacct/app/cpuacct.usage': '3000000000\n',
      '/sys/fs/cgroup/memory/app/memory.limit_in_bytes': `${2 * GIB}\n`,
      '/sys/fs/cgroup/memory/app/memory.usage_in_bytes': `${GIB}\n`,
    });
    expect(await readCgroup(MACHINE, read)).toEqual({
      cpu: { cores: 0.5, seconds: 3 },
      memory: { limit: 2 * GIB, used: GIB },
    });
  });

  it('takes the tightest limit of the groups around, with the use under that limit', async () => {
    const read = filesystem({
      '/proc/self/cgroup': '0::/pod/container\n',
      '/sys/fs/cgroup/pod/container/memory.max': 'max\n',
      '/sys/fs/cgroup/pod/memory.max': `${GIB}\n`,
      '/sys/fs/cgroup/pod/memory.current': '1000\n',
      '/sys/fs/cgroup/memory.max': `${4 * GIB}\n`,
    });
    expect(await readCgroup(MACHINE, read)).toEqual({ memory: { limit: GIB, used: 1000 } });
  });

  it('finds the limit at the mount when the path given is the host’s', async () => {
    const read = filesystem({
      '/proc/self/cgroup': '0::/docker/4f2a\n',
      '/sys/fs/cgroup/memory.max': `${GIB}\n`,
      '/sys/fs/cgroup/memory.current': '7\n',
    });
    expect(await readCgroup(MACHINE, read)).toEqual({ memory: { limit: GIB, used: 7 } });
  });

  it.each([
    ['unlimited version 2', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }],
    [
      'unlimited version 1',
      {
        '/proc/self/cgroup': '4:memory:/\n2:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': '5\n',
      },
    ],
    [
      'more than the machine has',
      {
        '/proc/self/cgroup': '0::/\n',
        '/sys/fs/cgroup/cpu.max': '800000 100000\n',
        '/sys/fs/cgroup/cpu.stat': 'usage_usec 1\n',
      },
    ],
    ['no cgroups at all', {}],
  ])('is empty with %s', async (_, files) => {
    expect(await readCgroup(MACHINE, filesystem(files))).toEqual({});
  });
});

describe('cgroup files', () => {
  it('maps each controller to its path', () => {
    expect([...parseCgroupPaths('9:name=systemd:/\n2:cpu,cpuacct:/a:b\n0::/c\n')]).toEqual([
      ['name=systemd', '/'],
      ['cpu', '/a:b'],
      ['cpuacct', '/a:b'],
      ['', '/c'],
    ]);
  });

  it('turns a quota into processors', () => {
    expect(parseCpuMax('200000 100000\n')).toBe(2);
    expect(parseCpuMax('max 100000\n')).toBeUndefined();
    expect(parseCpuMax(undefined)).toBeUndefined();
  });

  it('finds a statistic by its whole name', () => {
    const text = 'inactive_file 1\ntotal_inactive_file 2\n';
    expect(parseStatistic(text, 'inactive_file')).toBe(1);
    expect(parseStatistic(text, 'total_inactive_file')).toBe(2);
    expect(parseStatistic(text, 'file')).toBeUndefined();
  });
});
