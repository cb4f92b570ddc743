import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

import type { Principal } from '../../common/access.js';
import { Clock } from '../../common/clock.js';
import { CodedException, invalidField } from '../../common/coded-exception.js';
import { Bus } from '../../realtime/bus.js';
import type { ReportedErrorDto } from './dto/error.dto.js';
import { errorNotFound } from './error-not-found.js';
import { refusedErrors } from './error-metrics.js';
import { DEFAULT_SOURCE, type ErrorReport, parseErrorReport, scrubReport } from './ingest/error-report.js';
import { ErrorWriter } from './storing/error-writer.js';
import { groupingOf } from './grouping/fingerprint.js';
import { nextId } from './storing/next-id.js';
import { toErrorDto } from './stored-error.js';

/** Who reports an error, and from where. */
export interface ReportOrigin {
  principal: Principal;
  userAgent?: string;
  ipAddress?: string;
  idempotencyKey?: string;
}

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;

/**
 * The newest 10,000 at most: millions would take longer than a statement may. Of the error that is gone nobody can ask for
 * the others; they go with their day’s partition, the oldest first. The same error gets another id when it comes back.
 */
const DELETE_OCCURRENCES = `
  DELETE FROM error_occurrences WHERE error_id = $1 AND received_at >= coalesce(
    (SELECT received_at FROM error_occurrences WHERE error_id = $1 ORDER BY received_at DESC OFFSET 9999 LIMIT 1),
    '-infinity')`;

/** The only writer of errors and their occurrences. */
@Injectable()
export class ErrorsService {
  constructor(
    private readonly writer: ErrorWriter,
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes one report in: reads, scrubs, groups and stores it. Resolves when it is durable.
   * @throws CodedException `VALIDATION_FAILED`, `FORBIDDEN` (a source the key may not report for), `OVERLOADED`
   */
  async report(body: unknown, origin: ReportOrigin): Promise<ReportedErrorDto> {
    try {
      const { sources } = origin.principal;
      const report = parseErrorReport(body, sources[0] ?? DEFAULT_SOURCE);
      if (sources.length > 0 && !sources.includes(report.source)) {
        throw new CodedException(
          'FORBIDDEN',
          `This key may not report errors of the source "${report.source}".`,
        );
      }
      const { row, count, outcome } = await this.write(completed(report, origin), origin);
      return { ...toErrorDto(row, count), outcome };
    } catch (error) {
      refusedErrors.inc({ reason: refusalReason(error) });
      throw error;
    }
  }

  /** Declares an error solved. Doing so twice changes nothing. @throws CodedException `ERROR_NOT_FOUND` */
  async resolve(id: string): Promise<void> {
    const changed = await this.setResolved(id, true);
    if (changed) void this.bus.publish('errors.resolved', { ids: [id] });
  }

  /** Opens an error again by hand; that is no regression. @throws CodedException `ERROR_NOT_FOUND` */
  async unresolve(id: string): Promise<void> {
    const changed = await this.setResolved(id, false);
    if (changed) void this.bus.publish('errors.updated', { ids: [id] });
  }

  /**
   * Removes an error with its occurrences. The error goes first: it is locked by whoever counts it,
   * so an occurrence that is being stored is seen by the second statement.
   * @throws CodedException `ERROR_NOT_FOUND`
   */
  async delete(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, deleted] = await manager.query<[unknown[], number]>('DELETE FROM errors WHERE id = $1', [id]);
      if (deleted === 0) throw errorNotFound();
      await manager.query(DELETE_OCCURRENCES, [id]);
    });
    void this.bus.publish('errors.updated', { ids: [id] });
  }

  private write(report: ErrorReport, { principal, idempotencyKey }: ReportOrigin) {
    const scrubbed = scrubReport(report);
    return this.writer.write({
      id: nextId(),
      receivedAt: this.clock.now(),
      report: scrubbed,
      contextJson: JSON.stringify(scrubbed.context),
      grouping: groupingOf(scrubbed),
      ...(idempotencyKey !== undefined && {
        idempotency: { scope: `${principal.id}:errors`, key: checkedKey(idempotencyKey) },
      }),
    });
  }

  /** Answers whether anything changed. */
  private async setResolved(id: string, resolved: boolean): Promise<boolean> {
    const now = this.clock.now();
    const [, changed] = await this.dataSource.query<[unknown[], number]>(
      'UPDATE errors SET resolved = $2, resolved_at = $3, updated_at = $4 WHERE id = $1 AND resolved <> $2',
      [id, resolved, resolved ? now : null, now],
    );
    if (changed > 0) return true;
    const rows = await this.dataSource.query<unknown[]>('SELECT FROM errors WHERE id = $1', [id]);
    if (rows.length === 0) throw errorNotFound();
    return false;
  }
}

/** What a report does not say about itself is taken from the request that carried it. */
function completed(report: ErrorReport, { userAgent, ipAddress }: ReportOrigin): ErrorReport {
  return {
    ...report,
    user_agent: report.user_agent ?? userAgent?.slice(0, 512) ?? null,
    ip_address: report.ip_address ?? ipAddress?.replace(IPV4_IN_IPV6, '') ?? null,
  };
}

function checkedKey(key: string): string {
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw invalidField('Idempotency-Key', 'must be 1 to 255 printable ASCII characters');
}

function refusalReason(error: unknown): string {
  const code = error instanceof CodedException ? error.code : undefined;
  if (code === 'VALIDATION_FAILED') return 'invalid';
  if (code === 'FORBIDDEN') return 'forbidden';
  return code === 'OVERLOADED' ? 'overloaded' : 'failed';
}
