import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Hours that say what is usual. */
const USUAL_HOURS = 24;

/** Reports of a source in a minute that are to be added to those of all processes. */
export interface SharedCount {
  source: string;
  reports: number;
}

/** A source that is beyond its limit. */
export interface SourceOver {
  source: string;
  /** Reports a minute beyond which it is. */
  limit: number;
  /** Reports of a usual minute. */
  usual: number;
  /** Reports in this minute so far. */
  reports: number;
}

/** What all API processes know together about floods. */
@Injectable()
export class SpikeStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Adds to the counts of the minute, and answers the sum over all processes by source. */
  async share(counts: readonly SharedCount[], now: Date): Promise<Map<string, number>> {
    const rows = await this.dataSource.query<{ source: string; reports: number }[]>(
      `INSERT INTO error_source_minutes (minute, source, reports)
       SELECT $1, source, reports FROM unnest($2::text[], $3::bigint[]) AS c (source, reports) ORDER BY source
       ON CONFLICT (minute, source) DO UPDATE SET reports = error_source_minutes.reports + excluded.reports
       RETURNING source, reports::float8 AS reports`,
      [
        new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS),
        counts.map(({ source }) => source),
        counts.map(({ reports }) => reports),
      ],
    );
    return new Map(rows.map(({ source, reports }) => [source, reports]));
  }

  /** Accepted reports of a minute, on average over the last 24 whole hours, by source. */
  async usualReports(sources: readonly string[], now: Date): Promise<Map<string, number>> {
    const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
    const hours = Array.from({ length: USUAL_HOURS }, (_, index) => new Date(hour - (index + 1) * HOUR_MS));
    const rows = await this.dataSource.query<{ source: string; reports: number }[]>(
      `SELECT source, sum(count)::float8 / ${USUAL_HOURS * 60} AS reports FROM error_ledger
       WHERE hour = ANY($1::timestamptz[]) AND source = ANY($2::text[]) AND outcome = 'accepted' GROUP BY source`,
      [hours, sources],
    );
    return new Map(rows.map(({ source, reports }) => [source, reports]));
  }

  /** Writes down that these sources are beyond their limits: a spike begins, or goes on. */
  async noteOver(sources: readonly SourceOver[], now: Date): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO error_spikes (id, source, reports_limit, usual_reports, peak_reports, started_at, over_at)
       SELECT s.*, $6, $6 FROM unnest($1::uuid[], $2::text[], $3::int[], $4::float8[], $5::bigint[])
         AS s (id, source, reports_limit, usual_reports, peak_reports) ORDER BY source
       ON CONFLICT (source) WHERE ended_at IS NULL DO UPDATE SET
         over_at = greatest(error_spikes.over_at, excluded.over_at),
         peak_reports = greatest(error_spikes.peak_reports, excluded.peak_reports)`,
      [
        sources.map(() => v7()),
        sources.map(({ source }) => source),
        sources.map(({ limit }) => limit),
        sources.map(({ usual }) => usual),
        sources.map(({ reports }) => reports),
        now,
      ],
    );
  }
}
