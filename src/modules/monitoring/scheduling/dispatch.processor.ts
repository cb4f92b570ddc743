import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { OverdueHeartbeats } from '../heartbeats/overdue-heartbeats.service.js';
import { Dispatcher } from './dispatcher.service.js';

/** The beat of monitoring: one job a second, whichever worker takes it. */
@Processor('dispatch')
export class DispatchProcessor extends WorkerHost implements OnApplicationBootstrap {
  private readonly logger = new Logger(DispatchProcessor.name);

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly heartbeats: OverdueHeartbeats,
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

  async process(): Promise<void> {
    await this.dispatcher.dispatch();
    await this.heartbeats.run(this.clock.now());
  }
}
