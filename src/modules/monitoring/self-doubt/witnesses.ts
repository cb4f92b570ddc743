import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { CONFIG, type Config } from '../../../config/config.js';
import type { WitnessAnswer } from './network-doubt.js';
import { parseWitness, type ReachWitness, reachWitness } from './witness-connection.js';
import { WitnessMemory } from './witness-memory.js';

/** A witness that was not reached for so long proves nothing by its silence: a firewall may keep it away for good. */
const VALID_MS = 86_400_000;
const BASELINE_MS = 300_000;

/** Places that are there as long as the network is: asked when many checks fail, and now and then to know that asking works. */
@Injectable()
export class Witnesses implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Witnesses.name);
  /** When each target was last reached, in milliseconds since the epoch. */
  private readonly reachedAt = new Map<string, number>();
  private question: Promise<WitnessAnswer> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Replaced by tests. */
  reach: ReachWitness = reachWitness;

  constructor(
    private readonly memory: WitnessMemory,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WITNESS_TARGETS' | 'WORKER_REGION'>,
  ) {}

  onApplicationBootstrap(): void {
    void this.takeBaseline();
    this.timer = setInterval(() => void this.takeBaseline(), BASELINE_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Takes two seconds at most. Whoever asks while a question is open gets its answer. */
  ask(): Promise<WitnessAnswer> {
    this.question ??= this.askAll().finally(() => (this.question = undefined));
    return this.question;
  }

  /** Learns which witnesses can be reached from here at all: from this process, or from those of its region before it. */
  async takeBaseline(): Promise<void> {
    if (this.config.WITNESS_TARGETS.length === 0) return;
    try {
      await Promise.all([this.ask(), this.recall()]);
      await Promise.all(
        [...this.reachedAt].map(([target, at]) => this.memory.keep(this.config.WORKER_REGION, target, at)),
      );
    } catch (error) {
      this.logger.debug(`What is known of the witnesses could not be kept: ${(error as Error).message}`);
    }
  }

  private async recall(): Promise<void> {
    const remembered = await this.memory.recall(this.config.WORKER_REGION);
    for (const [target, at] of remembered)
      if (this.config.WITNESS_TARGETS.includes(target)) this.note(target, at);
  }

  private async askAll(): Promise<WitnessAnswer> {
    const attempts = this.config.WITNESS_TARGETS.map(async (target) => {
      if (!(await this.reach(parseWitness(target)))) throw new Error(`${target} was not reached`);
      this.note(target, this.clock.now().getTime());
    });
    try {
      await Promise.any(attempts);
      return 'reached';
    } catch {
      return this.hasValid() ? 'silent' : 'unproven';
    }
  }

  private hasValid(): boolean {
    const since = this.clock.now().getTime() - VALID_MS;
    return this.config.WITNESS_TARGETS.some((target) => (this.reachedAt.get(target) ?? -Infinity) > since);
  }

  private note(target: string, at: number): void {
    this.reachedAt.set(target, Math.max(at, this.reachedAt.get(target) ?? -Infinity));
  }
}
