import { Inject, Injectable } from '@nestjs/common';
import { formatByteSize, parseByteSize } from '../../common/byte-size.js';
import { formatDuration, parseDuration } from '../../common/duration.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { RetentionSettingsDto } from './dto/retention-settings.dto.js';
import { NONE } from './sections/retention.section.js';
import { SettingsReader } from './settings.reader.js';

/** How long what is kept, in milliseconds; null for ever. */
export interface RetentionPolicy {
  checks: number;
  responseTimes: number;
  systemMetrics: number;
  occurrences: number;
  /** Bytes that all occurrences may take; null for any. */
  occurrencesDiskBudget: number | null;
  errors: number | null;
}

type Environment = Pick<
  Config,
  | 'CHECK_RETENTION'
  | 'ROLLUP_RETENTION'
  | 'METRICS_RETENTION'
  | 'OCCURRENCE_RETENTION'
  | 'OCCURRENCE_DISK_BUDGET'
  | 'ERROR_RETENTION'
>;

/** What holds: what people chose, and where they did not, what the environment says. */
@Injectable()
export class RetentionReader {
  constructor(
    private readonly settings: SettingsReader,
    @Inject(CONFIG) private readonly environment: Environment,
  ) {}

  async policy(): Promise<RetentionPolicy> {
    const chosen = await this.settings.read('retention');
    const { environment } = this;
    return {
      checks: milliseconds(chosen.checks) ?? environment.CHECK_RETENTION,
      responseTimes: milliseconds(chosen.response_times) ?? environment.ROLLUP_RETENTION,
      systemMetrics: milliseconds(chosen.system_metrics) ?? environment.METRICS_RETENTION,
      occurrences: milliseconds(chosen.occurrences) ?? environment.OCCURRENCE_RETENTION,
      occurrencesDiskBudget: orNone(
        chosen.occurrences_disk_budget,
        parseByteSize,
        environment.OCCURRENCE_DISK_BUDGET,
      ),
      errors: orNone(chosen.errors, parseDuration, environment.ERROR_RETENTION),
    };
  }

  /** The settings as they were chosen, and what holds. */
  async shown(): Promise<RetentionSettingsDto> {
    const [chosen, policy] = [await this.settings.read('retention'), await this.policy()];
    return {
      ...chosen,
      effective: {
        checks: formatDuration(policy.checks),
        response_times: formatDuration(policy.responseTimes),
        system_metrics: formatDuration(policy.systemMetrics),
        occurrences: formatDuration(policy.occurrences),
        occurrences_disk_budget:
          policy.occurrencesDiskBudget === null ? NONE : formatByteSize(policy.occurrencesDiskBudget),
        errors: policy.errors === null ? NONE : formatDuration(policy.errors),
      },
    };
  }
}

function milliseconds(text: string | null): number | undefined {
  return text === null ? undefined : parseDuration(text);
}

function orNone(
  text: string | null,
  parse: (text: string) => number | undefined,
  fallback: number | undefined,
): number | null {
  if (text === NONE) return null;
  return (text === null ? fallback : parse(text)) ?? null;
}
