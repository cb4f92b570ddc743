import { z } from 'zod';
import { parseByteSize } from '../../../common/byte-size.js';
import { parseDuration } from '../../../common/duration.js';
import type { SettingsSection } from '../settings-section.js';

export const NONE = 'none';

const DAY_MS = 86_400_000;

/** Null: as the environment says. */
function duration(minimumDays: number): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  return z
    .string()
    .refine(
      (text) => (parseDuration(text) ?? 0) >= minimumDays * DAY_MS,
      `must be a duration of at least ${minimumDays}d, such as 30d`,
    )
    .nullable()
    .default(null);
}

const durationOrNone = z
  .string()
  .refine(
    (text) => text === NONE || (parseDuration(text) ?? 0) >= DAY_MS,
    'must be a duration of at least 1d, such as 365d, or none',
  )
  .nullable()
  .default(null);

const sizeOrNone = z
  .string()
  .refine(
    (text) => text === NONE || (parseByteSize(text) ?? 0) > 0,
    'must be a size such as 500MB, 10GB or 1TB, or none',
  )
  .nullable()
  .default(null);

const schema = z.strictObject({
  checks: duration(1),
  response_times: duration(7),
  system_metrics: duration(1),
  occurrences: duration(1),
  occurrences_disk_budget: sizeOrNone,
  errors: durationOrNone,
});

export type RetentionSettings = z.output<typeof schema>;

/** How long what is kept. */
export const RETENTION: SettingsSection<RetentionSettings> = { schema };
