import type { UsageSample } from '../../common/system-usage.js';
import { VERSION } from '../../common/version.js';
import type { Dependencies, Dependency } from './dependencies.reader.js';
import type { HealthJsonDto, HealthJsonCheckDto, HealthJsonStatus } from './dto/health-json.dto.js';
import { isNearlyUsedUp, type SystemShare } from './system-share.js';

/** Each dependency as the response time that a probe saw. A failure is `fail` only where the process cannot do without. */
export function dependencyChecks(
  dependencies: Dependencies,
  time: string,
  severity: Record<keyof Dependencies, 'warn' | 'fail'>,
): Record<string, HealthJsonCheckDto[]> {
  const { database, redis, queue } = dependencies;
  return {
    'postgres:responseTime': [responseTime('datastore', database, time, severity.database)],
    ...(redis && { 'redis:responseTime': [responseTime('datastore', redis, time, severity.redis)] }),
    'queue:responseTime': [responseTime('component', queue, time, severity.queue)],
  };
}

/** Processor, memory and disk. */
export function systemChecks(system: UsageSample, time: string): Record<string, HealthJsonCheckDto[]> {
  const utilization = (share: SystemShare): HealthJsonCheckDto[] => [
    {
      componentType: 'system',
      observedValue: system[share],
      observedUnit: 'percent',
      status: isNearlyUsedUp(system, share) ? 'warn' : 'pass',
      time,
    },
  ];
  return {
    'cpu:utilization': utilization('cpu_percent'),
    'memory:utilization': utilization('memory_percent'),
    'disk:utilization': utilization('disk_percent'),
  };
}

/** The document, as bad as the worst of its checks. */
export function healthJson(checks: Record<string, HealthJsonCheckDto[]>, stopping = false): HealthJsonDto {
  const statuses = new Set(Object.values(checks).flatMap((each) => each.map((check) => check.status)));
  const worst: HealthJsonStatus = statuses.has('fail') ? 'fail' : statuses.has('warn') ? 'warn' : 'pass';
  return { status: stopping ? 'fail' : worst, version: VERSION, releaseId: VERSION, checks };
}

function responseTime(
  componentType: HealthJsonCheckDto['componentType'],
  dependency: Dependency,
  time: string,
  severity: 'warn' | 'fail',
): HealthJsonCheckDto {
  return {
    componentType,
    observedValue: dependency.response_time_ms,
    observedUnit: 'ms',
    status: dependency.healthy ? 'pass' : severity,
    time,
    ...(!dependency.healthy && { output: dependency.message }),
  };
}
