import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { pageInfo } from '../../../common/http/paging.dto.js';
import { Bus } from '../../../realtime/bus.js';
import type {
  DeleteSourceMapsQuery,
  ListSourceMapsQuery,
  SourceMapDto,
  SourceMapListDto,
} from './dto/source-map.dto.js';

/** Where a map belongs. */
export interface MapPlace {
  source: string;
  release: string;
  dist: string;
  path: string;
}

/** What finds a map. */
export interface MapKey {
  id: string;
  dist: string;
  path: string;
  debug_id: string | null;
}

/** Most scripts of a release, and most bytes of all maps of a program as they are stored. */
export const MAX_MAPS_PER_RELEASE = 2_000;
export const MAX_BYTES_PER_SOURCE = 2 * 1024 ** 3;

const COLUMNS = 'id, source, release, dist, path, debug_id, size, stored_size, created_at, used_at';
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Source maps in the database. */
@Injectable()
export class SourceMapStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps a map; one that was there for the same script gives way.
   * @throws CodedException `CONFLICT` when the program has too many
   */
  async save(place: MapPlace, debugId: string | null, json: Buffer): Promise<SourceMapDto> {
    const content = await compress(json);
    await this.refuseTooMany(place, content.length);
    const { source, release, dist, path } = place;
    const [row] = await this.dataSource.query<SourceMapDto[]>(
      `INSERT INTO source_maps AS m (id, source, release, dist, path, debug_id, content, size, stored_size, created_at, used_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
       ON CONFLICT ON CONSTRAINT source_maps_place_key DO UPDATE
       SET id = excluded.id, debug_id = excluded.debug_id, content = excluded.content, size = excluded.size,
           stored_size = excluded.stored_size, created_at = excluded.created_at, used_at = excluded.used_at
       RETURNING ${COLUMNS}`,
      [v7(), source, release, dist, path, debugId, content, json.length, content.length, this.clock.now()],
    );
    this.announce(source);
    return row!;
  }

  async list(query: ListSourceMapsQuery): Promise<SourceMapListDto> {
    const { source = null, release = null, limit, offset } = query;
    const where = '($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR release = $2)';
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<SourceMapDto[]>(
        `SELECT ${COLUMNS} FROM source_maps WHERE ${where} ORDER BY created_at DESC, id LIMIT $3 OFFSET $4`,
        [source, release, limit, offset],
      ),
      this.dataSource.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM source_maps WHERE ${where}`,
        [source, release],
      ),
    ]);
    return { source_maps: rows, ...pageInfo(counted!.total, query) };
  }

  async delete({ source, release }: DeleteSourceMapsQuery): Promise<number> {
    const [, deleted] = await this.dataSource.query<[unknown, number]>(
      'DELETE FROM source_maps WHERE source = $1 AND release = $2',
      [source, release],
    );
    if (deleted > 0) this.announce(source);
    return deleted;
  }

  /** @throws CodedException `NOT_FOUND` */
  async deleteOne(id: string): Promise<void> {
    const [rows] = await this.dataSource.query<[{ source: string }[], number]>(
      'DELETE FROM source_maps WHERE id = $1 RETURNING source',
      [id],
    );
    if (!rows[0]) throw new CodedException('NOT_FOUND', 'There is no such source map.');
    this.announce(rows[0].source);
  }

  /** The programs that have any. */
  async sources(): Promise<string[]> {
    // One probe of the index a program, however many maps it has.
    const rows = await this.dataSource.query<{ source: string }[]>(
      `WITH RECURSIVE program AS (
         (SELECT source FROM source_maps ORDER BY source LIMIT 1)
         UNION ALL
         SELECT (SELECT m.source FROM source_maps m WHERE m.source > program.source ORDER BY m.source LIMIT 1)
         FROM program WHERE program.source IS NOT NULL)
       SELECT source FROM program WHERE source IS NOT NULL`,
    );
    return rows.map(({ source }) => source);
  }

  keysOfRelease(source: string, release: string): Promise<MapKey[]> {
    return this.dataSource.query<MapKey[]>(
      'SELECT id, dist, path, debug_id FROM source_maps WHERE source = $1 AND release = $2 ORDER BY dist, created_at',
      [source, release],
    );
  }

  /** The maps with these debug ids, whatever release they were uploaded for. */
  keysOfDebugIds(source: string, debugIds: readonly string[]): Promise<MapKey[]> {
    return this.dataSource.query<MapKey[]>(
      'SELECT id, dist, path, debug_id FROM source_maps WHERE source = $1 AND debug_id = ANY($2) ORDER BY created_at',
      [source, debugIds],
    );
  }

  /** The text of a map; undefined when it has been deleted. */
  async read(id: string): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ content: Buffer }[]>(
      'SELECT content FROM source_maps WHERE id = $1',
      [id],
    );
    if (!row) return undefined;
    await this.dataSource.query(
      `UPDATE source_maps SET used_at = $2 WHERE id = $1 AND used_at < $2::timestamptz - interval '1 day'`,
      [id, this.clock.now()],
    );
    return (await decompress(row.content)).toString('utf8');
  }

  private async refuseTooMany({ source, release }: MapPlace, bytes: number): Promise<void> {
    const [row] = await this.dataSource.query<{ maps: number; bytes: string | null }[]>(
      `SELECT count(*) FILTER (WHERE release = $2)::int AS maps, sum(stored_size) AS bytes
       FROM source_maps WHERE source = $1`,
      [source, release],
    );
    if (row!.maps >= MAX_MAPS_PER_RELEASE)
      throw new CodedException('CONFLICT', `The release has ${MAX_MAPS_PER_RELEASE} source maps already.`);
    if (Number(row!.bytes) + bytes > MAX_BYTES_PER_SOURCE)
      throw new CodedException(
        'CONFLICT',
        'The source maps of this program take 2 GiB: delete old releases first.',
      );
  }

  private announce(source: string): void {
    void this.bus.publish('source_maps.changed', { source });
  }
}
