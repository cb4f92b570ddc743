import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import type { ErrorReport } from '../error-report.js';
import { groupReport } from '../grouping/fingerprint.js';
import { RuleBook } from '../grouping/rules/rule-book.js';
import { Scrubber } from '../scrubbing/scrubber.js';
import { SourceMaps } from '../source-maps/source-maps.js';
import type { WrittenError } from '../storing/error-store.js';
import { ErrorWriter } from '../storing/error-writer.js';
import { nextId } from '../storing/next-id.js';
import type { OnceKey } from '../storing/once-keys.js';
import { ReportGate } from '../volume/report-gate.js';

/** Who reports an error, and from where. */
export interface ReportOrigin {
  principal: Principal;
  userAgent?: string | undefined;
  ipAddress?: string | undefined;
}

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;

/** The one way in, whatever the protocol: checks the source, scrubs, groups and stores. */
@Injectable()
export class ErrorIntake {
  constructor(
    private readonly writer: ErrorWriter,
    private readonly gate: ReportGate,
    private readonly clock: Clock,
    private readonly rules: RuleBook,
    private readonly scrubber: Scrubber,
    private readonly sourceMaps: SourceMaps,
  ) {}

  /** Reads what was sent, and counts it as refused when it cannot be read. */
  read<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      this.gate.refused('', error);
      throw error;
    }
  }

  /** `RateLimit` headers that say what the caller has left; none when it has no limit. */
  limitHeaders(principal: Principal): Record<string, string> | undefined {
    return this.gate.headers(principal);
  }

  /**
   * Takes one report in. Resolves when it is durable.
   * @param once under which a second report is not counted; by default the event id of its source
   * @throws CodedException `FORBIDDEN` (a source the key may not report for), `RATE_LIMIT_EXCEEDED`, `OVERLOADED`
   */
  async take(report: ErrorReport, origin: ReportOrigin, once?: OnceKey): Promise<WrittenError> {
    try {
      refuseForeignSource(report.source, origin.principal);
      const admission = this.gate.admit(report.source, origin.principal);
      const mapped = this.sourceMaps.apply(report);
      // Where there is nothing to map, which is nearly always, nothing is waited for.
      const original = mapped instanceof Promise ? await mapped : mapped;
      const scrubbed = this.scrubber.scrub(completed(original, origin));
      const { grouping, culprit } = groupReport(scrubbed, this.rules.compiled);
      scrubbed.culprit ??= culprit;
      admission.enterGroup(grouping.fingerprint);
      const eventKey = scrubbed.event_id === null ? undefined : eventOnce(scrubbed.source, scrubbed.event_id);
      const key = once ?? eventKey;
      const written = await this.writer.write({
        id: nextId(),
        receivedAt: this.clock.now(),
        report: scrubbed,
        contextJson: JSON.stringify(scrubbed.context),
        grouping,
        ...(key && { once: key }),
      });
      if (written.outcome === 'repeated') this.gate.repeated(report.source);
      return written;
    } catch (error) {
      this.gate.refused(report.source, error);
      throw error;
    }
  }
}

/** @throws CodedException `FORBIDDEN` */
function refuseForeignSource(source: string, { sources }: Principal): void {
  if (sources.length === 0 || sources.includes(source)) return;
  throw new CodedException('FORBIDDEN', `This key may not report errors of the source "${source}".`);
}

/** What a report does not say about itself is taken from the request that carried it. */
function completed(report: ErrorReport, { userAgent, ipAddress }: ReportOrigin): ErrorReport {
  return {
    ...report,
    user_agent: report.user_agent ?? userAgent?.slice(0, 512) ?? null,
    ip_address: report.ip_address ?? ipAddress?.replace(IPV4_IN_IPV6, '') ?? null,
  };
}

function eventOnce(source: string, eventId: string): OnceKey {
  return { scope: `event:${source}`, key: eventId };
}
