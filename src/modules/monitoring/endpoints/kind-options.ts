import type { ZodError } from 'zod';
import { type FieldProblem, invalidField } from '../../../common/coded-exception.js';
import { validationFailed } from '../../../common/http/validation.js';
import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import { rulesOf } from './endpoint-kinds.js';

/** Stands for a stored secret in answers; sent back, it keeps what is stored. */
export const HIDDEN = '[hidden]';

/** Settings that only one kind has: those that anybody may read, and those that are stored encrypted. */
export interface KindOptions {
  options: Record<string, unknown>;
  secret_options: Record<string, unknown>;
}

export const NO_OPTIONS: KindOptions = { options: {}, secret_options: {} };

/**
 * Options of a kind as they are stored, defaults filled in. What is not `given` is taken from `kept`; null gives an
 * option its default, or takes it away.
 * @param stored the secrets that markers may stand for
 * @throws CodedException `VALIDATION_FAILED`, naming each option that is wrong
 */
export function completeOptions(
  kind: EndpointKind,
  given: Record<string, unknown>,
  kept: KindOptions,
  stored: Record<string, unknown>,
): KindOptions {
  const rules = rulesOf(kind);
  const revealed = Object.entries(given).map(([name, value]): [string, unknown] => {
    if (value !== HIDDEN || !rules.secret_options.includes(name)) return [name, value];
    return [name, reveal(HIDDEN, stored[name], `options.${name}`)];
  });
  const wanted = { ...kept.options, ...kept.secret_options, ...Object.fromEntries(revealed) };
  const parsed = rules.options.safeParse(withoutNull(wanted));
  if (!parsed.success) throw validationFailed(problemsOfZod('options', parsed.error));
  return split(parsed.data as Record<string, unknown>, rules.secret_options);
}

/** Options as answers show them: whole, in one, secrets as markers. Those of older rows get today’s defaults. */
export function shownOptions(
  kind: EndpointKind,
  options: Record<string, unknown>,
  secrets: Record<string, unknown>,
): Record<string, unknown> {
  const { options: schema, secret_options } = rulesOf(kind);
  const own = secret_options.filter((name) => isSet(secrets[name]));
  const parsed = schema.safeParse({
    ...options,
    ...Object.fromEntries(own.map((name) => [name, secrets[name]])),
  });
  const whole = parsed.success ? (parsed.data as Record<string, unknown>) : options;
  return { ...whole, ...Object.fromEntries(own.map((name) => [name, HIDDEN])) };
}

/** What a marker stands for, or what was given instead. */
export function reveal<Secret>(given: Secret, known: Secret | undefined, field: string): Secret {
  if (given !== HIDDEN) return given;
  if (known !== undefined) return known;
  throw invalidField(field, `has no stored value that ${HIDDEN} could stand for`);
}

/** What a schema refuses, by field. */
export function problemsOfZod(field: string, error: ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const path = [field, ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') {
      return [{ field: path.join('.'), message: issue.message.replace(/^Invalid input: /, '') }];
    }
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
  });
}

function split(whole: Record<string, unknown>, secret: readonly string[]): KindOptions {
  const entries = Object.entries(whole);
  return {
    options: Object.fromEntries(entries.filter(([name, value]) => !secret.includes(name) || !isSet(value))),
    secret_options: Object.fromEntries(
      entries.filter(([name, value]) => secret.includes(name) && isSet(value)),
    ),
  };
}

function withoutNull(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value)));
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
