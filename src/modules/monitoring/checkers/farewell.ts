import type { Attempt } from './attempt.js';

/** Who does not say goodbye is not waited for. */
const PATIENCE_MS = 500;

/** Parts in peace if the other side lets us; the check is over either way, and its response time known. */
export async function farewell(attempt: Attempt, goodbye: Promise<unknown>): Promise<void> {
  attempt.clock.finish();
  let patience: NodeJS.Timeout | undefined;
  try {
    await attempt.wait<unknown>((resolve) => {
      patience = setTimeout(resolve, PATIENCE_MS);
      goodbye.then(resolve, resolve);
    });
  } catch {
    // Time is up: there is an answer all the same.
  } finally {
    clearTimeout(patience);
  }
}
