import { Injectable } from '@nestjs/common';
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
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly reader: EndpointsReader,
  ) {}

  /** Watches Watchkeep itself at `baseUrl`, unless anything is watched already. */
  async create(baseUrl: string): Promise<void> {
    if ((await this.reader.count()) > 0) return;
    for (const { name, path, interval } of OWN) {
      await this.endpoints.create({ name, url: new URL(path, baseUrl).href, interval, group: 'Watchkeep' });
    }
  }
}
