import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { configSchema, type ConfigValues } from './config.schema.js';

/** The settings of this process, typed and complete. Injected by the token {@link CONFIG}. */
export type Config = Readonly<ConfigValues>;

/** Injection token of {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** A start that cannot succeed with the settings given; the message names every bad key, never a value. */
export class InvalidConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`Watchkeep cannot start with these settings:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/**
 * Validates `environment` against the schema. An empty value counts as absent, so that `KEY=` in a file means the default.
 * @throws InvalidConfigError
 */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const result = configSchema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  throw new InvalidConfigError(
    result.error.issues.map(
      (issue) => `${String(issue.path[0])}: ${issue.message.replace(/,? ?received .*$/, '')}`,
    ),
  );
}

/** Settings from the environment and, below it, from `.env`. The only reader of `process.env`. */
export function loadConfig(): Config {
  if (existsSync('.env')) loadEnvFile('.env');
  return parseConfig(process.env);
}

/** The address to print in links. */
export function publicUrl(config: Pick<Config, 'PUBLIC_URL' | 'PORT'>): string {
  return (config.PUBLIC_URL ?? `http://localhost:${config.PORT}`).replace(/\/$/, '');
}

/** The environment of this process, for commands that put variables into what they read. */
export function commandEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The environment to hand to a child process: `defaults` below what is set, `overrides` above it. */
export function childEnvironment(
  overrides: Record<string, string>,
  defaults: Record<string, string> = {},
): NodeJS.ProcessEnv {
  return { ...defaults, ...process.env, ...overrides };
}
