import { Injectable, Logger } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { CodedException } from '../../../common/coded-exception.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import type {
  DirectAnswer,
  DirectHead,
  DirectRequest,
  DirectRoute,
} from '../../../common/http/direct/direct-route.js';
import { checkedIdempotencyKey } from '../../../common/http/idempotency-key.js';
import { codedFailure, isOurFault } from '../../../common/http/failure.js';
import type { WrittenError } from '../storing/error-store.js';
import { batchAnswer } from './batch-answer.js';
import { batchElements, MAX_BATCH_BYTES } from './batch-elements.js';
import { ErrorIntake, type ReportOrigin } from './error-intake.js';
import { DEFAULT_SOURCE, parseErrorReport } from './parse-error-report.js';
import { readJson } from './read-json.js';

/** After so many reports of one request others get their turn: preparing a thousand takes tens of milliseconds. */
const TURN = 100;

/** `POST /api/errors/batch`: up to 1,000 errors, stored together; none is lost for another’s fault. */
@Injectable()
export class BatchRoute implements DirectRoute<Principal> {
  readonly pattern = '/api/errors/batch';
  readonly maxBytes = MAX_BATCH_BYTES;
  private readonly logger = new Logger(BatchRoute.name);

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
    const elements = this.intake.read(() => batchElements(readJson(body, headers, true)));
    const origin = { principal, userAgent: headers['user-agent'], ipAddress };
    const taken: Promise<WrittenError>[] = [];
    for (const [index, element] of elements.entries()) {
      if (index > 0 && index % TURN === 0) await nextTurn();
      const one = this.take(element, origin, key && `${key} ${index}`);
      // Awaited below; until then a failure must not count as unhandled.
      one.catch(() => undefined);
      taken.push(one);
    }
    return batchAnswer(await Promise.allSettled(taken), (reason) => this.failureOf(reason));
  }

  private async take(element: unknown, origin: ReportOrigin, key: string | undefined): Promise<WrittenError> {
    const { id, sources } = origin.principal;
    const report = this.intake.read(() => parseErrorReport(element, sources[0] ?? DEFAULT_SOURCE));
    return this.intake.take(report, origin, key === undefined ? undefined : { scope: `${id}:batch`, key });
  }

  private failureOf(reason: unknown): CodedException {
    const failure = codedFailure(reason);
    if (isOurFault(failure)) this.logger.error({ message: 'A report of a batch failed', err: reason });
    return failure;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
