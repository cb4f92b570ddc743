import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bus } from '../../../realtime/bus.js';

/** Where reports of a merged group are counted. */
export interface Alias {
  /** Fingerprint of the group that it was merged into. */
  fingerprint: string;
  /** Id of the merged group itself, whose occurrences stay its own. */
  id: string;
}

const NONE: ReadonlyMap<string, Alias> = new Map();

/**
 * The merged groups, by fingerprint. Kept in memory: they are few, and every report asks. A process that has not heard
 * of a merge yet does no harm: the statement that stores leaves merged groups alone, which makes the store look again.
 */
@Injectable()
export class Aliases implements OnModuleInit {
  private known = NONE;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
  ) {}

  async onModuleInit(): Promise<void> {
    this.bus.on('errors.regrouped', () => this.refresh());
    this.bus.onReconnect(() => this.refresh());
    await this.refresh();
  }

  of(fingerprint: string): Alias | undefined {
    return this.known.get(fingerprint);
  }

  async refresh(): Promise<void> {
    const rows = await this.dataSource.query<(Alias & { merged: string })[]>(
      `SELECT merged.fingerprint AS merged, merged.id, target.fingerprint
       FROM errors merged JOIN errors target ON target.id = merged.merged_into`,
    );
    this.known = new Map(rows.map(({ merged, id, fingerprint }) => [merged, { id, fingerprint }]));
  }
}
