import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import type {
  DirectAnswer,
  DirectHead,
  DirectRequest,
  DirectRoute,
} from '../../../common/http/direct/direct-route.js';
import { checkedIdempotencyKey } from '../../../common/http/idempotency-key.js';
import { reportedErrorJson } from '../storing/saved-error.js';
import { ErrorIntake } from './error-intake.js';
import { DEFAULT_SOURCE, parseErrorReport } from './parse-error-report.js';
import { readJson } from './read-json.js';

/** `POST /api/errors`: one error, answered with the whole error once it is durable. */
@Injectable()
export class ReportRoute implements DirectRoute<Principal> {
  readonly pattern = '/api/errors';

  constructor(
    private readonly authorizer: Authorizer,
    private readonly intake: ErrorIntake,
  ) {}

  matches(path: string): boolean {
    return path === this.pattern;
  }

  admit({ incoming }: DirectHead): Promise<Principal> {
    return this.authorizer.authorize(incoming, 'report');
  }

  async answer({ headers, body, ipAddress }: DirectRequest, principal: Principal): Promise<DirectAnswer> {
    const key = checkedIdempotencyKey(headers['idempotency-key']);
    const report = this.intake.read(() =>
      parseErrorReport(readJson(body, headers), principal.sources[0] ?? DEFAULT_SOURCE),
    );
    const { row, count, outcome } = await this.intake.take(
      report,
      { principal, userAgent: headers['user-agent'], ipAddress },
      key === undefined ? undefined : { scope: `${principal.id}:errors`, key },
    );
    const limits = this.intake.limitHeaders(principal);
    const answer = `{"status":"success","data":${reportedErrorJson(row, count, outcome)}}`;
    return { status: 201, body: answer, ...(limits && { headers: limits }) };
  }
}
