import { Processor, WorkerHost } from '@nestjs/bullmq';
import { MaintenanceStates } from './maintenance-states.service.js';

/**
 * The beat of maintenance windows. Its queue is its own, so that an edge that moves thousands of endpoints does not
 * keep the dispatcher waiting.
 */
@Processor('maintenance-windows')
export class MaintenanceProcessor extends WorkerHost {
  constructor(private readonly states: MaintenanceStates) {
    super();
  }

  process(): Promise<void> {
    return this.states.update();
  }
}
