import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { SecretBox } from '../../../common/secret-box.js';
import type { PrivacyErasure } from '../../../database/entities/privacy-erasure.entity.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { type ErasableTable, erasableTables } from './erasable-tables.js';
import type { Identity } from './identity.js';
import { RowEraser } from './row-eraser.js';
import { findRows, type RowKey } from './table-scan.js';

const BATCH = 200;
/** Without a sign of life for so long, the worker is gone and another takes over. */
const ABANDONED_MS = 120_000;
const BEAT_MS = 10_000;

/** Erases the persons that are waiting for it, table by table. What a dead worker had done stays done. */
@Injectable()
export class ErasureRunner {
  private readonly logger = new Logger(ErasureRunner.name);
  private lastBeat = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: SecretBox,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    for (let next = await this.claim(); next; next = await this.claim()) await this.erase(next);
  }

  private async claim(): Promise<PrivacyErasure | undefined> {
    const now = this.clock.now();
    const [rows] = await this.dataSource.query<[PrivacyErasure[], number]>(
      `UPDATE privacy_erasures SET status = 'running', beat_at = $1, started_at = coalesce(started_at, $1)
       WHERE id = (SELECT id FROM privacy_erasures WHERE status <> 'done' AND (beat_at IS NULL OR beat_at < $2)
                   ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [now, new Date(now.getTime() - ABANDONED_MS)],
    );
    return rows[0];
  }

  private async erase(erasure: PrivacyErasure): Promise<void> {
    const eraser = new RowEraser(this.secrets.open<Identity>(erasure.identity_encrypted!));
    const tables = await erasableTables(this.dataSource);
    await this.update(erasure.id, 'tables = $2', [tables.length]);
    const done = new Set(erasure.done);
    for (const table of tables) {
      if (done.has(table.name)) continue;
      await this.eraseFrom(erasure.id, table, eraser);
      await this.update(erasure.id, 'done = done || $2::text', [table.name]);
    }
    await this.update(erasure.id, `status = 'done', finished_at = $2, identity_encrypted = NULL`, [
      this.clock.now(),
    ]);
    this.logger.log({ msg: 'A person was erased', erasure: erasure.id });
  }

  private async eraseFrom(id: string, table: ErasableTable, eraser: RowEraser): Promise<void> {
    try {
      for await (const found of findRows(this.dataSource, table, eraser.person.likePatterns)) {
        await this.beat(id);
        for (const keys of chunks(found, BATCH)) await this.eraseRows(id, table, eraser, keys);
      }
    } catch (error) {
      // Retention has dropped the partition meanwhile, and the person with it.
      if ((error as { code?: string }).code !== '42P01') throw error;
    }
  }

  private async eraseRows(
    id: string,
    table: ErasableTable,
    eraser: RowEraser,
    keys: RowKey[],
  ): Promise<void> {
    const changed = await this.dataSource.transaction(async (manager) => {
      const rows = await eraser.erase(manager, table, keys);
      await this.update(id, `${counterOf(table)} = ${counterOf(table)} + $2`, [rows.length], manager);
      return rows;
    });
    if (table.name === 'errors') await this.announce(changed.map((row) => row['id']!));
  }

  private async announce(ids: string[]): Promise<void> {
    for (const some of chunks(ids, MAX_IDS)) await this.bus.publish('errors.updated', { ids: some });
  }

  /** So that nobody takes over while a big table is read. */
  private async beat(id: string): Promise<void> {
    if (this.clock.now().getTime() - this.lastBeat < BEAT_MS) return;
    await this.update(id, 'status = status', []);
  }

  /** Changes the row, which is a sign of life too. */
  private async update(
    id: string,
    set: string,
    values: unknown[],
    database: Pick<EntityManager, 'query'> = this.dataSource,
  ): Promise<void> {
    this.lastBeat = this.clock.now().getTime();
    await database.query(
      `UPDATE privacy_erasures SET ${set}, beat_at = $${values.length + 2} WHERE id = $1`,
      [id, ...values, this.clock.now()],
    );
  }
}

function counterOf({ name, parent }: ErasableTable): string {
  if (name === 'errors') return 'groups_changed';
  return parent === 'error_occurrences' || name === 'error_last_occurrences'
    ? 'occurrences_changed'
    : 'other_rows_changed';
}
