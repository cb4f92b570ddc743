import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { mem, networkStats } from 'systeminformation';
import { CONFIG, type Config } from '../config/config.js';
import { type CgroupUsage, readCgroup, readText } from './cgroup.js';

const SAMPLE_INTERVAL_MS = 15_000;
/** Processor time is a difference: between nothing and this it says nothing. The kernel counts in steps of 10 ms. */
const LEAST_WINDOW_MS = 100;
const MIB = 1024 * 1024;

/** What this machine, or the container around this process when it is limited, is using. */
export interface UsageSample {
  /** 0–100 of the processors allowed, since the sample before. */
  cpu_percent: number;
  /** 0–100 of the memory allowed. */
  memory_percent: number;
  memory_used_mb: number;
  /** 0–100 of the file system that holds `DATA_DIR`. */
  disk_percent: number;
  /** Of the last minute, for the whole machine. */
  load_average: number;
  /** Bytes received since the sample before, on all interfaces but loopback. */
  network_bytes_in: number;
  network_bytes_out: number;
}

/** How busy processors have been, as two sums whose differences make a fraction. */
interface ProcessorTime {
  busy: number;
  available: number;
  /** Which limit it was measured against: sums of different kinds must not be subtracted. */
  cores: number | undefined;
}

interface NetworkTotals {
  received: number;
  sent: number;
}

/** Differences between one call and the next; each user of figures that are differences holds one. */
class UsageMeter {
  private processors: ProcessorTime | undefined;
  private measuredAt = -Infinity;
  private cpuPercent = 0;
  private network: NetworkTotals | undefined;

  constructor(private readonly dataDirectory: string) {}

  async measure(): Promise<UsageSample> {
    if (!this.processors) {
      this.turn(processorTime(await readContainer()));
      await sleep(LEAST_WINDOW_MS);
    }
    const cgroup = await readContainer();
    const [memory, disk_percent, network] = await Promise.all([
      memoryUsage(cgroup),
      diskPercent(this.dataDirectory),
      this.networkSince(),
    ]);
    if (performance.now() - this.measuredAt >= LEAST_WINDOW_MS / 2) this.turn(processorTime(cgroup));
    return {
      cpu_percent: this.cpuPercent,
      ...memory,
      disk_percent,
      load_average: Math.round(os.loadavg()[0]! * 100) / 100,
      network_bytes_in: network.received,
      network_bytes_out: network.sent,
    };
  }

  private turn(now: ProcessorTime): void {
    if (this.processors) this.cpuPercent = processorPercent(this.processors, now) ?? this.cpuPercent;
    this.processors = now;
    this.measuredAt = performance.now();
  }

  private async networkSince(): Promise<NetworkTotals> {
    const now = await networkTotals();
    const before = this.network ?? now;
    this.network = now;
    // A counter that fell has started anew: an interface went away.
    return {
      received: Math.max(0, now.received - before.received),
      sent: Math.max(0, now.sent - before.sent),
    };
  }
}

/**
 * How much of its processors, memory, disk and network this machine uses; inside a container with limits, of those.
 * Nothing here starts a process or blocks: probes stay fast while it samples.
 */
@Injectable()
export class SystemUsage implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(SystemUsage.name);
  private readonly reads: UsageMeter;
  private readonly background: UsageMeter;
  private sample: UsageSample | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIG) config: Pick<Config, 'DATA_DIR'>) {
    this.reads = new UsageMeter(config.DATA_DIR);
    this.background = new UsageMeter(config.DATA_DIR);
  }

  onModuleInit(): Promise<void> {
    return this.start();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Measures now. Processor and network figures are those since the previous call. */
  read(): Promise<UsageSample> {
    return this.reads.measure();
  }

  /** Takes the first background sample, and another every 15 seconds. */
  async start(): Promise<void> {
    this.sample = await this.background.measure();
    this.timer = setInterval(() => void this.refresh(), SAMPLE_INTERVAL_MS).unref();
  }

  /**
   * The newest background sample, at most 15 seconds old; costs nothing.
   * @throws Error before {@link start}
   */
  latest(): UsageSample {
    if (!this.sample) throw new Error('SystemUsage has not been started.');
    return this.sample;
  }

  private async refresh(): Promise<void> {
    try {
      this.sample = await this.background.measure();
    } catch (error) {
      this.logger.warn(`This machine’s figures could not be read: ${String(error)}`);
    }
  }
}

/** The share of the processors used between two moments; `undefined` when they cannot be compared. */
export function processorPercent(before: ProcessorTime, now: ProcessorTime): number | undefined {
  const available = now.available - before.available;
  if (before.cores !== now.cores || available <= 0) return undefined;
  return percent(now.busy - before.busy, available);
}

/** Received and sent bytes of all interfaces but loopback, from the text of `/proc/net/dev`. */
export function parseNetworkDevices(text: string): NetworkTotals {
  const totals = { received: 0, sent: 0 };
  for (const line of text.split('\n')) {
    const [name, figures] = line.split(':');
    if (figures === undefined || name!.trim() === 'lo') continue;
    const columns = figures.trim().split(/\s+/).map(Number);
    totals.received += columns[0] ?? 0;
    totals.sent += columns[8] ?? 0;
  }
  return totals;
}

/** `part` of `whole` as 0–100, to one decimal. */
export function percent(part: number, whole: number): number {
  if (!(whole > 0)) return 0;
  return Math.round(Math.min(100, Math.max(0, (part / whole) * 100)) * 10) / 10;
}

function readContainer(): Promise<CgroupUsage> {
  return readCgroup({ cores: os.availableParallelism(), memory: os.totalmem() });
}

function processorTime({ cpu }: CgroupUsage): ProcessorTime {
  if (cpu) return { busy: cpu.seconds, available: (performance.now() / 1000) * cpu.cores, cores: cpu.cores };
  const times = os.cpus().map((processor) => processor.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  const all = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.irq + each.idle, 0);
  return { busy: all - idle, available: all, cores: undefined };
}

async function memoryUsage({
  memory,
}: CgroupUsage): Promise<Pick<UsageSample, 'memory_percent' | 'memory_used_mb'>> {
  if (memory)
    return { memory_percent: percent(memory.used, memory.limit), memory_used_mb: mebibytes(memory.used) };
  const { active, total } = await mem();
  return { memory_percent: percent(active, total), memory_used_mb: mebibytes(active) };
}

/** As `df` counts: blocks kept for root are neither used nor free. */
async function diskPercent(dataDirectory: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(dataDirectory).catch(() => statfs('.'));
  return percent(blocks - bfree, blocks - bfree + bavail);
}

/** systeminformation would start a shell for this on Linux, where reading one file is enough. */
async function networkTotals(): Promise<NetworkTotals> {
  const devices = await readText('/proc/net/dev');
  if (devices !== undefined) return parseNetworkDevices(devices);
  const interfaces = await networkStats('*');
  return interfaces.reduce(
    (totals, each) => ({ received: totals.received + each.rx_bytes, sent: totals.sent + each.tx_bytes }),
    { received: 0, sent: 0 },
  );
}

function mebibytes(bytes: number): number {
  return Math.round((bytes / MIB) * 10) / 10;
}
