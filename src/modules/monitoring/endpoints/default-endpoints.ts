import { Injectable, Logger } from '@nestjs/common';
import { CodedException } from '../../../common/coded-exception.js';
import { EndpointsReader } from './endpoints.reader.js';
import { EndpointsService } from './endpoints.service.js';

/** What an installation watches of itself until somebody says otherwise. */
const OWN: readonly { name: string; path: string; interval: string }[] = [
  // It leads on to Swagger UI.
  { name: 'API Root', path: '/', interval: '2m' },
  { name: 'Health Check', path: '/health', interval: '1m' },
  { name: 'Health Overview API', path: '/health/api/overview', interval: '5m' },
  { name: 'Swagger UI', path: '/api/docs', interval: '10m' },
];

/** Gives a new installation something to show. */
@Injectable()
export class DefaultEndpoints {
  private readonly logger = new Logger(DefaultEndpoints.name);

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly reader: EndpointsReader,
  ) {}

  /** Watches Watchkeep itself at `baseUrl`, unless anything is watched already, or checks may not go there. */
  async create(baseUrl: string): Promise<void> {
    if ((await this.reader.count()) > 0) return;
    try {
      await this.createAll(baseUrl);
    } catch (error) {
      if (!(error instanceof CodedException) || error.code !== 'TARGET_REFUSED') throw error;
      this.logger.warn(`Watchkeep does not watch itself: ${error.message}`);
    }
  }

  private async createAll(baseUrl: string): Promise<void> {
    for (const { name, path, interval } of OWN) {
      await this.endpoints.create({ name, url: new URL(path, baseUrl).href, interval, group: 'Watchkeep' });
    }
  }
}
