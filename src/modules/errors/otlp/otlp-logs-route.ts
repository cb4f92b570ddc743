import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Principal } from '../../../common/access.js';
import { CodedException, ERROR_CODES } from '../../../common/coded-exception.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import type {
  DirectAnswer,
  DirectHead,
  DirectRequest,
  DirectRoute,
} from '../../../common/http/direct/direct-route.js';
import { codedFailure, isOurFault } from '../../../common/http/failure.js';
import { ErrorIntake, type ReportOrigin } from '../ingest/error-intake.js';
import { DEFAULT_SOURCE } from '../ingest/parse-error-report.js';
import { decodeJson } from './decode-json.js';
import { decodeProtobuf } from './decode-protobuf.js';
import { readErrors, type RecordedError } from './read-errors.js';
import { encodingOf, failure, success } from './otlp-answer.js';

/** Collectors send up to 8,192 records at once by default. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Records of one request that wait for the database at a time, so that one request does not overload the writer. */
const AT_ONCE = 500;
const BROWSER = 'javascript';

const logRecords = new Counter<'outcome'>({
  name: 'watchkeep_otlp_log_records_total',
  help: 'Log records received over OTLP, by outcome: stored as errors, passed_over (not errors), rejected (for good).',
  labelNames: ['outcome'],
});

/** `POST /v1/logs`: OTLP/HTTP. Log records that tell of errors are taken in, others are passed over. */
@Injectable()
export class OtlpLogsRoute implements DirectRoute<Principal> {
  readonly pattern = '/v1/logs';
  readonly maxBytes = MAX_BYTES;

  constructor(
    private readonly authorizer: Authorizer,
    private readonly intake: ErrorIntake,
  ) {}

  matches(path: string): boolean {
    return path === this.pattern;
  }

  admit({ incoming, headers }: DirectHead): Promise<Principal> {
    if (!encodingOf(headers['content-type'])) throw unknownEncoding();
    return this.authorizer.authorize(incoming, 'report');
  }

  async answer({ headers, body, ipAddress }: DirectRequest, principal: Principal): Promise<DirectAnswer> {
    const encoding = encodingOf(headers['content-type'])!;
    const { errors, passedOver } = this.intake.read(() =>
      readErrors(
        encoding === 'json' ? decodeJson(body) : decodeProtobuf(body),
        principal.sources[0] ?? DEFAULT_SOURCE,
      ),
    );
    logRecords.inc({ outcome: 'passed_over' }, passedOver);
    const origin = { principal, userAgent: headers['user-agent'], ipAddress };
    const refusals = await this.takeAll(errors, origin, body);
    const rejected = refusals.length;
    logRecords.inc({ outcome: 'stored' }, errors.length - rejected);
    logRecords.inc({ outcome: 'rejected' }, rejected);
    if (rejected > 0 && rejected === errors.length) throw refusals[0]!;
    return success(encoding, rejected, refusals[0]?.message ?? '');
  }

  failed(thrown: CodedException, request: IncomingMessage): DirectAnswer {
    return failure(encodingOf(request.headers['content-type']) ?? 'json', thrown);
  }

  /**
   * What is refused for good; beyond a limit that is so for errors whose neighbours were stored. A failure of ours fails the
   * whole request, because OTLP knows no other way to have records sent again; those that were stored are not counted again then.
   */
  private async takeAll(
    errors: readonly RecordedError[],
    origin: ReportOrigin,
    body: Buffer,
  ): Promise<CodedException[]> {
    if (errors.length === 0) return [];
    const refusals: CodedException[] = [];
    const digest = createHash('sha256').update(body).digest('base64url');
    for (let start = 0; start < errors.length; start += AT_ONCE) {
      const some = errors.slice(start, start + AT_ONCE);
      const outcomes = await Promise.allSettled(some.map((error) => this.take(error, origin, digest)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        const refusal = codedFailure(outcome.reason);
        if (isOurFault(refusal) || ERROR_CODES[refusal.code] >= 500) throw outcome.reason;
        refusals.push(refusal);
      }
    }
    return refusals;
  }

  /** Records without a time may rightly be the same twice. */
  private take({ report, index }: RecordedError, origin: ReportOrigin, digest: string): Promise<unknown> {
    const once =
      report.occurred_at === null
        ? undefined
        : { scope: `${origin.principal.id}:otlp`, key: `${digest} ${index}` };
    // A server’s records come from a server: its address and its exporter’s name say nothing about a user.
    const from = report.platform === BROWSER ? origin : { principal: origin.principal };
    return this.intake.take(report, from, once);
  }
}

function unknownEncoding(): CodedException {
  return new CodedException(
    'UNSUPPORTED_MEDIA_TYPE',
    'Send OTLP with the header Content-Type: application/x-protobuf or application/json.',
  );
}
