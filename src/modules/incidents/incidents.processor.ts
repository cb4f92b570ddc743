import { Processor, WorkerHost } from '@nestjs/bullmq';
import { SelfIncident } from './self-incident.service.js';

/** Looks whether the incident about our own network must be opened or resolved. */
@Processor('incidents')
export class IncidentsProcessor extends WorkerHost {
  constructor(private readonly selfIncident: SelfIncident) {
    super();
  }

  process(): Promise<void> {
    return this.selfIncident.review();
  }
}
