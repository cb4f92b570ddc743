import type { z } from 'zod';

/**
 * One section of the settings. To add one: a file in `sections/`, a line in `settings-sections.ts`, and, if people may
 * change it over HTTP, a controller with its DTO like those of `privacy`.
 */
export interface SettingsSection<Value> {
  /** Checks what is given and what is stored; fields left out take their defaults, unknown ones are refused. */
  schema: z.ZodType<Value>;
}
