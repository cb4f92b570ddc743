import type { HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';

/** The slowest answer that still counts. Below one second, the default patience of a Kubernetes probe. */
export const PROBE_TIMEOUT_MS = 800;
/** How long an answer is used again: however many ask, a dependency is asked once in this time. */
const PROBE_CACHE_MS = 1_000;

/** Asks a dependency something small: never longer than {@link PROBE_TIMEOUT_MS}, never twice at once. */
export function probe<Key extends string>(
  indicators: HealthIndicatorService,
  name: Key,
  ask: () => Promise<unknown>,
): HealthCheckAttempt<Key> {
  return indicators
    .check(name)
    .attempt(async () => void (await ask()))
    .withTimeout(PROBE_TIMEOUT_MS)
    .cacheFor(PROBE_CACHE_MS);
}
