import { CodedException, type FieldProblem } from '../../../common/coded-exception.js';
import type { DirectAnswer } from '../../../common/http/direct/direct-route.js';
import type { WrittenError } from '../storing/error-store.js';

const ALL_STORED = 201;
/** Multi-Status: some were stored, some were not (RFC 4918 §13). */
const SOME_STORED = 207;
/** Wrong fields that the answer to a batch names when none of its errors was stored. */
const MAX_DETAILS = 100;

/**
 * What became of each error of a batch, in the order they were sent.
 * @throws CodedException when none was stored, all for the same reason: the client should see that without reading on
 */
export function batchAnswer(
  outcomes: readonly PromiseSettledResult<WrittenError>[],
  failureOf: (reason: unknown) => CodedException,
): DirectAnswer {
  const failures: CodedException[] = [];
  // Written by hand: for a hundred results a tenth of the time that JSON.stringify takes, with nothing to escape in them.
  let results = '';
  for (const [index, outcome] of outcomes.entries()) {
    if (index > 0) results += ',';
    if (outcome.status === 'fulfilled') {
      const { row, count, outcome: what } = outcome.value;
      results += `{"index":${index},"id":"${row.id}","outcome":"${what}","count":${count}}`;
    } else {
      const failure = failureOf(outcome.reason);
      failures.push(failure);
      results += failed(index, failure);
    }
  }
  const rejected = failures.length;
  const accepted = outcomes.length - rejected;
  if (accepted === 0 && failures.every(({ code }) => code === failures[0]!.code)) throw allFailed(failures);
  return {
    status: rejected === 0 ? ALL_STORED : SOME_STORED,
    body: `{"status":"success","data":{"accepted":${accepted},"rejected":${rejected},"results":[${results}]}}`,
  };
}

function failed(index: number, { message, code, details, retryAfter }: CodedException): string {
  return JSON.stringify({
    index,
    error: message,
    code,
    ...(details && { details }),
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
  });
}

function allFailed(failures: readonly CodedException[]): CodedException {
  const { code, message } = failures[0]!;
  const details: FieldProblem[] = [];
  for (const [index, failure] of failures.entries())
    for (const { field, message: problem } of failure.details ?? [])
      if (details.length < MAX_DETAILS) details.push({ field: `errors.${index}.${field}`, message: problem });
  const retries = failures.flatMap(({ retryAfter }) => retryAfter ?? []);
  return new CodedException(
    code,
    failures.length === 1
      ? message
      : `None of the ${failures.length} errors was stored. The first: ${message}`,
    details.length > 0 ? details : undefined,
    retries.length > 0 ? Math.max(...retries) : undefined,
  );
}
