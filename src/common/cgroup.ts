import { readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** What the kernel lets this container use, and what it uses. Absent when no limit is set. */
export interface CgroupUsage {
  cpu?: {
    /** Processors allowed, a fraction of one included. */
    cores: number;
    /** Processor time used so far by everything under the same limit, in seconds. */
    seconds: number;
  };
  memory?: {
    limit: number;
    /** Bytes that cannot simply be dropped: without inactive file cache, as Kubernetes counts. */
    used: number;
  };
}

/** Reads a file below the cgroup root or /proc; `undefined` when there is none. */
export type ReadText = (file: string) => Promise<string | undefined>;

export const readText: ReadText = (file) => readFile(file, 'utf8').catch(() => undefined);

/** The paths of this process by controller; `''` is the one hierarchy of version 2. */
export function parseCgroupPaths(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  return new Map(
    lines.flatMap((match) => (match ? match[1]!.split(',').map((name) => [name, match[2]!] as const) : [])),
  );
}

/** Processors allowed by a version 2 `cpu.max`: `150000 100000` → 1.5; `undefined` without a limit. */
export function parseCpuMax(text: string | undefined): number | undefined {
  const [quota, period] = (text ?? '').trim().split(' ').map(Number);
  return quota! > 0 && period! > 0 ? quota! / period! : undefined;
}

/** A line `name value` of a statistics file. */
export function parseStatistic(text: string | undefined, name: string): number | undefined {
  const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '');
  return match ? Number(match[1]) : undefined;
}

/** Limits and use of the container around this process; both versions of cgroups. Limits beyond the machine are none. */
export async function readCgroup(
  machine: { cores: number; memory: number },
  read: ReadText = readText,
): Promise<CgroupUsage> {
  const paths = parseCgroupPaths((await read('/proc/self/cgroup')) ?? '');
  const [cpu, memory] = await Promise.all([
    readCpu(paths, machine.cores, read),
    readMemory(paths, machine.memory, read),
  ]);
  return { ...(cpu && { cpu }), ...(memory && { memory }) };
}

async function readCpu(
  paths: Map<string, string>,
  machineCores: number,
  read: ReadText,
): Promise<CgroupUsage['cpu']> {
  const isFirst = paths.has('cpu');
  const groups = groupsUpwards(isFirst ? 'cpu' : '', paths.get(isFirst ? 'cpu' : ''));
  const group = await tightest(groups, (directory) =>
    isFirst ? cpuLimit1(directory, read) : cpuLimit2(directory, read),
  );
  if (!group || group.limit >= machineCores) return undefined;
  const seconds = isFirst
    ? toNumber(
        await read(path.join(group.directory.replace('/cpu', '/cpuacct'), 'cpuacct.usage')),
        NANOSECONDS,
      )
    : scaled(parseStatistic(await read(path.join(group.directory, 'cpu.stat')), 'usage_usec'), MICROSECONDS);
  return seconds === undefined ? undefined : { cores: group.limit, seconds };
}

async function readMemory(
  paths: Map<string, string>,
  machineMemory: number,
  read: ReadText,
): Promise<CgroupUsage['memory']> {
  const isFirst = paths.has('memory');
  const names = isFirst
    ? { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', cache: 'total_inactive_file' }
    : { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
  const groups = groupsUpwards(isFirst ? 'memory' : '', paths.get(isFirst ? 'memory' : ''));
  const group = await tightest(groups, async (directory) =>
    toNumber(await read(path.join(directory, names.limit))),
  );
  // Version 1 writes “no limit” as a number near 2^63.
  if (!group || group.limit >= machineMemory) return undefined;
  const [used, statistics] = await Promise.all([
    read(path.join(group.directory, names.used)),
    read(path.join(group.directory, 'memory.stat')),
  ]);
  const bytes = toNumber(used);
  if (bytes === undefined) return undefined;
  return { limit: group.limit, used: Math.max(0, bytes - (parseStatistic(statistics, names.cache) ?? 0)) };
}

/**
 * The group of this process and those around it, innermost first: a limit holds for everything below it.
 * In a container the path may be the host’s, of which only the mount’s root exists: hence the root comes last, always.
 */
function groupsUpwards(controller: string, group = '/'): string[] {
  const mount = path.join(ROOT, controller);
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, index) => path.join(mount, ...parts.slice(0, parts.length - index))).concat(mount);
}

async function tightest(
  directories: string[],
  limitOf: (directory: string) => Promise<number | undefined>,
): Promise<{ directory: string; limit: number } | undefined> {
  const limits = await Promise.all(directories.map(limitOf));
  const found = directories.flatMap((directory, index) => {
    const limit = limits[index];
    return limit === undefined ? [] : [{ directory, limit }];
  });
  return found.reduce<(typeof found)[number] | undefined>(
    (best, group) => (best && best.limit <= group.limit ? best : group),
    undefined,
  );
}

async function cpuLimit1(directory: string, read: ReadText): Promise<number | undefined> {
  const [quota, period] = await Promise.all([
    read(path.join(directory, 'cpu.cfs_quota_us')),
    read(path.join(directory, 'cpu.cfs_period_us')),
  ]);
  return parseCpuMax(`${quota?.trim()} ${period?.trim()}`);
}

async function cpuLimit2(directory: string, read: ReadText): Promise<number | undefined> {
  return parseCpuMax(await read(path.join(directory, 'cpu.max')));
}

function toNumber(text: string | undefined, unit = 1): number | undefined {
  return /^\d+$/.test(text?.trim() ?? '') ? Number(text) / unit : undefined;
}

function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : value / unit;
}
