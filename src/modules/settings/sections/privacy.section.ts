import { z } from 'zod';
import { patternProblem } from '../../../common/linear-pattern.js';
import type { SettingsSection } from '../settings-section.js';

export const IP_ADDRESS_CHOICES = ['keep', 'anonymise', 'remove'] as const;

/** Names compared without case; `*` stands for any characters. */
const keyNames = z.array(z.string().trim().min(1).max(128)).max(100);

const patternRule = z.strictObject({
  name: z.string().trim().min(1).max(100),
  pattern: z
    .string()
    .min(1)
    .max(500)
    .superRefine((pattern, context) => {
      const problem = patternProblem(pattern);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }),
  replacement: z.string().max(100).default('[Filtered]'),
});

const rules = {
  defaults: z.boolean(),
  keys: keyNames,
  safe_keys: keyNames,
  patterns: z.array(patternRule).max(20),
  ip_addresses: z.enum(IP_ADDRESS_CHOICES),
};

const schema = z.strictObject({
  defaults: rules.defaults.default(true),
  keys: rules.keys.default([]),
  safe_keys: rules.safe_keys.default([]),
  patterns: rules.patterns.default([]),
  ip_addresses: rules.ip_addresses.default('keep'),
  /** What one source wants otherwise. */
  sources: z
    .record(z.string().min(1).max(200), z.strictObject(rules).partial())
    .refine((sources) => Object.keys(sources).length <= 200, 'must name at most 200 sources')
    .default({}),
});

/** What is taken out of errors before they are stored. */
export const PRIVACY: SettingsSection<z.output<typeof schema>> = { schema };
