import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { errorNotFound } from '../error-not-found.js';
import { escapeLike } from '../search/search-values.js';
import type {
  ErrorFiguresDto,
  FigurePeriod,
  HistogramBucketDto,
  ListTagsQuery,
  TagCompletionDto,
  TagShareDto,
} from './dto/error-figures.dto.js';
import { Facets, OWN_KEYS, type StoredTags } from './facets.js';
import { UserSketch } from './user-sketch.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = 24;
const MAX_COMPLETIONS = 100;
/** Values of a tag that are shown. */
const TOP = 10;

const PERIODS: Record<FigurePeriod, { step: '1h' | '1d'; buckets: number }> = {
  '24h': { step: '1h', buckets: HOURS },
  '7d': { step: '1h', buckets: 7 * HOURS },
  '30d': { step: '1d', buckets: 30 },
  '90d': { step: '1d', buckets: 90 },
};

/** What a list shows of an error beside the error itself. */
export interface ListedFigures {
  users: number;
  histogram: number[];
}

/** These errors and those merged into them. */
const FAMILIES = `
  SELECT id AS target, id AS member FROM unnest($1::uuid[]) AS id
  UNION ALL SELECT merged_into, id FROM errors WHERE merged_into = ANY($1)`;

/** Reads what was folded. */
@Injectable()
export class FiguresReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Affected users, and the counts of the last 24 hours, the hour that runs last. */
  async ofAll(ids: readonly string[]): Promise<Map<string, ListedFigures>> {
    const first = bucketOf(this.clock.now().getTime(), HOUR_MS) - (HOURS - 1) * HOUR_MS;
    const figures = new Map(
      ids.map((id) => [id, { users: 0, histogram: Array.from({ length: HOURS }, () => 0) }]),
    );
    if (ids.length === 0) return figures;
    const rows = await this.dataSource.query<{ id: string; hour: Date | null; number: number }[]>(
      `SELECT family.target AS id, hours.hour, sum(hours.count)::float8 AS number
       FROM (${FAMILIES}) AS family JOIN error_hours AS hours ON hours.error_id = family.member AND hours.hour >= $2
       GROUP BY family.target, hours.hour
       UNION ALL SELECT error_id, NULL, users::float8 FROM error_figures WHERE error_id = ANY($1)`,
      [ids, new Date(first)],
    );
    for (const { id, hour, number } of rows) {
      const entry = figures.get(id)!;
      if (hour === null) entry.users = number;
      else if (hour.getTime() < first + HOURS * HOUR_MS)
        entry.histogram[(hour.getTime() - first) / HOUR_MS]! += number;
    }
    return figures;
  }

  /** @throws CodedException `ERROR_NOT_FOUND` */
  async of(id: string, period: FigurePeriod): Promise<ErrorFiguresDto> {
    const { step, buckets } = PERIODS[period];
    const [facets, histogram] = await Promise.all([
      this.facets(id),
      this.histogram(id, step === '1h' ? HOUR_MS : DAY_MS, buckets),
    ]);
    const distributions = [...facets.facets.entries()]
      .toSorted(([, one], [, other]) => other - one)
      .map(([key, total, values]) => ({ key, total, shares: shares(total, values) }));
    const own = (key: string): TagShareDto[] =>
      distributions.find((distribution) => distribution.key === key)?.shares ?? [];
    return {
      users: facets.users.estimate(),
      step,
      histogram,
      levels: own('level'),
      environments: own('environment'),
      releases: own('release').toSorted((a, b) => b.last_seen.getTime() - a.last_seen.getTime()),
      tags: distributions.filter(({ key }) => !OWN_KEYS.includes(key)).map(toDistribution),
    };
  }

  /** Names of tags, or values of one, those reported last first. */
  async completions({ source, key, prefix = '' }: ListTagsQuery): Promise<TagCompletionDto[]> {
    const column = key === undefined ? 'key' : 'value';
    return this.dataSource.query<TagCompletionDto[]>(
      `SELECT ${column} AS text, max(last_seen) AS last_seen FROM error_tag_values
       WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR key = $2) AND ${column} ILIKE $3
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MAX_COMPLETIONS}`,
      [source ?? null, key ?? null, `${escapeLike(prefix)}%`],
    );
  }

  private async facets(id: string): Promise<{ facets: Facets; users: UserSketch }> {
    const rows = await this.dataSource.query<{ tags: StoredTags | null; users: Buffer | null }[]>(
      `SELECT facets.tags, facets.users FROM errors LEFT JOIN error_facets AS facets ON facets.error_id = errors.id
       WHERE errors.id = $1 OR errors.merged_into = $1`,
      [id],
    );
    if (rows.length === 0) throw errorNotFound();
    const [facets, users] = [new Facets(), new UserSketch()];
    for (const row of rows) {
      facets.merge(Facets.from(row.tags));
      users.merge(UserSketch.from(row.users));
    }
    return { facets, users };
  }

  private async histogram(id: string, stepMs: number, buckets: number): Promise<HistogramBucketDto[]> {
    const first = bucketOf(this.clock.now().getTime(), stepMs) - (buckets - 1) * stepMs;
    const rows = await this.dataSource.query<{ hour: Date; count: number }[]>(
      `SELECT hour, sum(count)::float8 AS count FROM error_hours
       WHERE hour >= $2 AND error_id IN (SELECT member FROM (${FAMILIES}) AS family) GROUP BY hour`,
      [[id], new Date(first)],
    );
    const histogram = Array.from({ length: buckets }, (_, index) => ({
      at: new Date(first + index * stepMs),
      count: 0,
    }));
    for (const { hour, count } of rows) {
      const bucket = histogram[Math.floor((hour.getTime() - first) / stepMs)];
      if (bucket) bucket.count += count;
    }
    return histogram;
  }
}

function bucketOf(time: number, step: number): number {
  return time - (time % step);
}

function shares(
  total: number,
  values: ReadonlyMap<string, Readonly<[count: number, at: number]>>,
): TagShareDto[] {
  return [...values]
    .map(([value, [count, at]]) => ({
      value,
      count,
      share_percent: Math.round((1_000 * count) / total) / 10,
      last_seen: new Date(at * 1_000),
    }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

function toDistribution({ key, total, shares: all }: { key: string; total: number; shares: TagShareDto[] }) {
  const values = all.slice(0, TOP);
  return { key, total, values, other: total - values.reduce((sum, { count }) => sum + count, 0) };
}
