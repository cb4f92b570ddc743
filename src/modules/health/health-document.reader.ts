import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { SystemUsage } from '../../common/system-usage.js';
import { VERSION } from '../../common/version.js';
import { CONFIG, type Config, publicUrl } from '../../config/config.js';
import { DependenciesReader } from './dependencies.reader.js';
import type { HealthDocumentDto, HealthFailureDto } from './dto/health-document.dto.js';
import { dependencyChecks, healthJson, systemChecks } from './health-json.js';
import type { HealthReport } from './health-report.js';
import { isStrained, systemFigures } from './system-share.js';

/** Where the main parts of the API are. A test holds each to a route that exists. */
export const MAIN_ROUTES = {
  health: '/api/health',
  ready: '/health/ready',
  metrics: '/metrics',
  docs: '/api/docs',
  errors: '/api/errors',
  services: '/api/monitoring/services',
  endpoints: '/health/api/endpoints',
  overview: '/health/api/overview',
  socket_io: '/socket.io',
  websocket: '/ws',
};

/** Everything about the health of the API in one document. */
@Injectable()
export class HealthDocumentReader {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dependencies: DependenciesReader,
    private readonly system: SystemUsage,
    private readonly clock: Clock,
  ) {}

  /** @param origin where the page that asks comes from; the `Origin` header */
  async read(origin: string | undefined): Promise<HealthReport<HealthDocumentDto | HealthFailureDto>> {
    const dependencies = await this.dependencies.read();
    const system = this.system.latest();
    const timestamp = this.clock.now().toISOString();
    const { database, redis, queue } = dependencies;
    const impaired = !queue.healthy || redis?.healthy === false || isStrained(system);
    return {
      ok: database.healthy,
      document: database.healthy
        ? this.document(impaired ? 'degraded' : 'ok', timestamp, origin)
        : { status: 'error', error: database.message, timestamp },
      healthJson: healthJson({
        ...dependencyChecks(dependencies, timestamp, { database: 'fail', redis: 'warn', queue: 'warn' }),
        ...systemChecks(system, timestamp),
      }),
    };
  }

  private document(
    status: HealthDocumentDto['status'],
    timestamp: string,
    origin: string | undefined,
  ): HealthDocumentDto {
    return {
      status,
      timestamp,
      version: VERSION,
      environment: this.config.ENVIRONMENT,
      debug: this.config.DEBUG,
      database: { status: 'ok', connection: 'active' },
      system: systemFigures(this.system.latest()),
      cors: {
        configured_origins: this.config.CORS_ORIGINS,
        frontend_origin_allowed: isOriginAllowed(this.config, origin),
      },
      endpoints: MAIN_ROUTES,
    };
  }
}

/** Whether a page of that origin may call the API; its own pages always may. */
export function isOriginAllowed(
  config: Pick<Config, 'CORS_ORIGINS' | 'PUBLIC_URL' | 'PORT'>,
  origin?: string,
): boolean {
  const own = new URL(publicUrl(config)).origin;
  const asking = origin ?? own;
  return asking === own || config.CORS_ORIGINS.includes('*') || config.CORS_ORIGINS.includes(asking);
}
