import { Processor, WorkerHost } from '@nestjs/bullmq';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { OverdueHeartbeats } from '../heartbeats/overdue-heartbeats.service.js';
import { MaintenanceStates } from '../states/maintenance-states.service.js';
import { Dispatcher } from './dispatcher.service.js';

/** The beat of monitoring: one job a second, whichever worker takes it. */
@Processor('dispatch')
export class DispatchProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly logger = new Logger(DispatchProcessor.name);
  private readonly underWay = new Map<string, Promise<void>>();
  private stopping = false;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly heartbeats: OverdueHeartbeats,
    private readonly maintenance: MaintenanceStates,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** A start must not fail for this: what is not found again now has its turn at the next slot. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.dispatcher.recover();
    } catch (error) {
      this.logger.warn(`Checks lost by another worker could not be found again: ${(error as Error).message}`);
    }
  }

  /** The last beat may have begun something that it did not wait for. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.underWay.values());
  }

  async process(): Promise<void> {
    const now = this.clock.now();
    this.begin('Maintenance', () => this.maintenance.update());
    this.begin('Overdue heartbeats', () => this.heartbeats.run(now));
    await this.dispatcher.dispatch();
  }

  /** Beside the beat: a window that moves thousands of endpoints takes seconds, and what is due must not wait for it. */
  private begin(name: string, work: () => Promise<unknown>): void {
    if (this.stopping || this.underWay.has(name)) return;
    const end = (): void => void this.underWay.delete(name);
    const fail = (error: Error): void => {
      end();
      this.logger.warn(`${name}: left to the next beat, as this one failed: ${error.message}`);
    };
    this.underWay.set(name, work().then(end, fail));
  }
}
