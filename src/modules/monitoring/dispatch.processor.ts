import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Dispatcher } from './dispatcher.service.js';

/** The beat of monitoring: one job a second, whichever worker takes it. */
@Processor('dispatch')
export class DispatchProcessor extends WorkerHost {
  constructor(private readonly dispatcher: Dispatcher) {
    super();
  }

  async process(): Promise<void> {
    await this.dispatcher.dispatch();
  }
}
