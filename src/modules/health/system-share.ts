import type { UsageSample } from '../../common/system-usage.js';
import type { SystemFiguresDto } from './dto/health-metrics.dto.js';

/** Above this share, in percent, something of the machine is as good as used up. */
const NEARLY_ALL = 95;

const SHARES = ['cpu_percent', 'memory_percent', 'disk_percent'] as const;
export type SystemShare = (typeof SHARES)[number];

export function isNearlyUsedUp(system: UsageSample, share: SystemShare): boolean {
  return system[share] > NEARLY_ALL;
}

/** Whether anything of the machine is nearly used up. */
export function isStrained(system: UsageSample): boolean {
  return SHARES.some((share) => isNearlyUsedUp(system, share));
}

export function systemFigures({ cpu_percent, memory_percent, disk_percent }: UsageSample): SystemFiguresDto {
  return { cpu_percent, memory_percent, disk_percent };
}
