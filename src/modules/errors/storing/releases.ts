import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';

interface Version {
  source: string;
  release: string;
}

const MAX_KNOWN = 10_000;

/** Since when each release is known. A release becomes known with its first report, before that report is stored. */
@Injectable()
export class Releases {
  private readonly known = new Map<string, Date>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Undefined until {@link learn} has been told of it. */
  firstSeen(source: string, release: string): Date | undefined {
    return this.known.get(keyOf(source, release));
  }

  /** Makes these releases known. Costs nothing when they are. */
  async learn(versions: readonly Version[]): Promise<void> {
    // Before, not after: what this flush asks for stays known until it is stored.
    if (this.known.size > MAX_KNOWN) this.known.clear();
    const unknown = new Map<string, Version>();
    for (const version of versions) {
      const key = keyOf(version.source, version.release);
      if (!this.known.has(key)) unknown.set(key, version);
    }
    if (unknown.size === 0) return;
    const sorted = [...unknown.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    const rows = await this.dataSource.query<{ source: string; version: string; first_seen: Date }[]>(
      `INSERT INTO releases (source, version, first_seen)
       SELECT source, version, $3::timestamptz FROM unnest($1::text[], $2::text[]) AS v (source, version)
       ON CONFLICT (source, version) DO UPDATE SET first_seen = releases.first_seen
       RETURNING source, version, first_seen`,
      [sorted.map(({ source }) => source), sorted.map(({ release }) => release), this.clock.now()],
    );
    for (const row of rows) this.known.set(keyOf(row.source, row.version), row.first_seen);
  }
}

function keyOf(source: string, release: string): string {
  return `${source}\0${release}`;
}
