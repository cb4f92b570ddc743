import type { DataSource } from 'typeorm';
import { Clock } from '../../../src/common/clock.js';
import { RetentionReader } from '../../../src/modules/settings/retention.reader.js';
import { SettingsReader } from '../../../src/modules/settings/settings.reader.js';
import { RecordingBus } from '../errors/errors-process.js';

export const DAY = 86_400_000;

type Environment = ConstructorParameters<typeof RetentionReader>[1];

/** Retention as the environment says, and as people choose in the database. */
export function retentionOf(dataSource: DataSource, given: Partial<Environment> = {}): RetentionReader {
  return new RetentionReader(new SettingsReader(dataSource, new RecordingBus(), new Clock()), {
    CHECK_RETENTION: 3 * DAY,
    ROLLUP_RETENTION: 90 * DAY,
    METRICS_RETENTION: 15 * DAY,
    OCCURRENCE_RETENTION: 30 * DAY,
    OCCURRENCE_DISK_BUDGET: undefined,
    ERROR_RETENTION: undefined,
    ...given,
  });
}
