import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { CodedException, type FieldProblem, invalidField } from '../../common/coded-exception.js';
import { HIDDEN } from '../../common/secret-box.js';
import { INVALID_PHONE } from './kinds/fields.js';
import type { IntegrationKind } from './kinds/integration-kind.js';

export type Settings = Record<string, unknown>;

/**
 * Complete, valid settings from what a request gives; what is left out gets its default.
 * @param stored the settings that markers may stand for; undefined when there are none, or they cannot be read
 * @throws CodedException `VALIDATION_FAILED`, `INVALID_PHONE`
 */
export function completeSettings(
  kind: IntegrationKind,
  given: Settings,
  stored: Settings | undefined,
): Settings {
  const markers = kind.secrets.filter((field) => given[field] === HIDDEN);
  const revealed = { ...given };
  for (const field of markers) revealed[field] = reveal(field, stored);
  const result = kind.settings.safeParse(revealed);
  if (!result.success) throw refusal(result.error, revealed);
  if (markers.length > 0) assertSecretsStay(kind, stored!, result.data);
  return result.data;
}

/** What may be shown, and what is sealed. */
export function splitSecrets(
  kind: IntegrationKind,
  settings: Settings,
): { open: Settings; secret: Settings } {
  const isSecret = ([field]: [string, unknown]): boolean => kind.secrets.includes(field);
  const entries = Object.entries(settings);
  return {
    open: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secret: Object.fromEntries(entries.filter(isSecret)),
  };
}

function reveal(field: string, stored: Settings | undefined): unknown {
  const known = stored?.[field];
  if (known !== undefined) return known;
  throw invalidField(`config.${field}`, `has no stored value that ${HIDDEN} could stand for`);
}

/** Nobody gets to read a secret by having it sent to a server of their own, or in the clear. */
function assertSecretsStay(kind: IntegrationKind, before: Settings, after: Settings): void {
  const moved = kind.destination.find((field) => !isDeepStrictEqual(before[field], after[field]));
  if (moved === undefined) return;
  throw invalidField(
    `config.${moved}`,
    'says where secrets are sent: send them again together with the change',
  );
}

function refusal(error: z.ZodError, given: Settings): CodedException {
  const details = error.issues.flatMap((issue) => problemsOf(issue, given));
  const summary = details.map(({ field, message }) => `${field} ${message}`).join('; ');
  const code = error.issues.some(isAboutPhone) ? 'INVALID_PHONE' : 'VALIDATION_FAILED';
  return new CodedException(code, `The settings are not valid: ${summary}.`, details);
}

function problemsOf(issue: z.core.$ZodIssue, given: Settings): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: `config.${key}`, message: 'is not a setting of this kind' }));
  }
  const field = ['config', ...issue.path].join('.');
  return [{ field, message: messageOf(issue, given) }];
}

function messageOf(issue: z.core.$ZodIssue, given: Settings): string {
  const isMissing = issue.code !== 'custom' && given[String(issue.path[0])] === undefined;
  return isMissing
    ? 'is missing'
    : issue.message.replace(/^Invalid input: expected (\w+).*$/, 'must be a $1');
}

function isAboutPhone(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.['code'] === INVALID_PHONE;
}
