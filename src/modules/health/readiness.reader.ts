import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { ShutdownState } from '../../common/shutdown-state.js';
import { DependenciesReader, type Dependency } from './dependencies.reader.js';
import type { LivenessDto, ReadinessDto, ReadinessCheckDto } from './dto/probes.dto.js';
import { dependencyChecks, healthJson } from './health-json.js';
import type { HealthReport } from './health-report.js';
import { uptimeSeconds } from './uptime.js';

/** The documents that an orchestrator asks for. */
@Injectable()
export class ReadinessReader {
  constructor(
    private readonly dependencies: DependenciesReader,
    private readonly shutdown: ShutdownState,
    private readonly clock: Clock,
  ) {}

  /** Looks at nothing outside the process: a restart mends no dependency. */
  live(): LivenessDto {
    return { status: 'alive', timestamp: this.clock.now().toISOString(), uptime_seconds: uptimeSeconds() };
  }

  async ready(): Promise<HealthReport<ReadinessDto>> {
    const dependencies = await this.dependencies.read();
    const { database, redis, queue } = dependencies;
    const timestamp = this.clock.now().toISOString();
    const { draining } = this.shutdown;
    const ok = !draining && Object.values(dependencies).every((dependency: Dependency) => dependency.healthy);
    return {
      ok,
      document: {
        status: ok ? 'ready' : 'not_ready',
        timestamp,
        uptime_seconds: uptimeSeconds(),
        checks: {
          database: describe(database),
          ...(redis && { redis: describe(redis) }),
          queue: describe(queue),
        },
      },
      healthJson: healthJson(
        dependencyChecks(dependencies, timestamp, { database: 'fail', redis: 'fail', queue: 'fail' }),
        draining,
      ),
    };
  }
}

function describe({ healthy, message }: Dependency): ReadinessCheckDto {
  return { status: healthy ? 'healthy' : 'unhealthy', message };
}
