import { invalidField } from '../../../common/coded-exception.js';

/** Most errors in one request. */
export const MAX_BATCH_ERRORS = 1_000;

/** Largest body of a batch, before and after decompression. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * The errors of a batch, unread: `{errors: […]}`, or the array alone.
 * @throws CodedException `VALIDATION_FAILED`
 */
export function batchElements(body: unknown): readonly unknown[] {
  const elements = Array.isArray(body) ? body : (body as { errors?: unknown } | null)?.errors;
  if (!Array.isArray(elements)) throw invalidField('errors', 'must be an array');
  if (elements.length === 0) throw invalidField('errors', 'must hold at least one error');
  if (elements.length > MAX_BATCH_ERRORS)
    throw invalidField('errors', `must hold at most ${MAX_BATCH_ERRORS} errors`);
  return elements as unknown[];
}
