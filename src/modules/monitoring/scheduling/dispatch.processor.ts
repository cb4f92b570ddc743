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
  private maintaining: Promise<void> | undefined;
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
    await this.maintaining;
  }

  async process(): Promise<void> {
    if (!this.stopping) this.maintaining ??= this.maintain();
    await this.dispatcher.dispatch();
    await this.heartbeats.run(this.clock.now());
  }

  /** Beside the beat: the edge of a window that moves thousands of endpoints takes seconds, and what is due must not wait. */
  private async maintain(): Promise<void> {
    try {
      await this.maintenance.update();
    } catch (error) {
      this.logger.warn(`Maintenance is applied at the next beat only: ${(error as Error).message}`);
    } finally {
      this.maintaining = undefined;
    }
  }
}
