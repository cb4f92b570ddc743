import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** When each witness was last reached from a region, beyond the life of one process. */
@Injectable()
export class WitnessMemory {
  constructor(private readonly dataSource: DataSource) {}

  /** Times in milliseconds since the epoch, by target. */
  async recall(region: string): Promise<Map<string, number>> {
    const rows = await this.dataSource.query<{ target: string; reached_at: Date }[]>(
      'SELECT target, reached_at FROM network_witnesses WHERE region = $1',
      [region],
    );
    return new Map(rows.map(({ target, reached_at }) => [target, reached_at.getTime()]));
  }

  async keep(region: string, target: string, reachedAt: number): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO network_witnesses (region, target, reached_at) VALUES ($1, $2, to_timestamp($3::float8 / 1000))
       ON CONFLICT (region, target) DO UPDATE SET reached_at = greatest(network_witnesses.reached_at, excluded.reached_at)`,
      [region, target, reachedAt],
    );
  }
}
