import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { CodedException } from '../../common/coded-exception.js';
import { SecretBox } from '../../common/secret-box.js';
import { Bus } from '../../realtime/bus.js';
import { exportBundle } from './export-bundle.js';
import type { Selected } from './exported-kinds.js';
import { importBundle } from './import-bundle.js';
import { readBundle } from './import-file.js';
import { type ExportFormat, ROW_WRITERS } from './row-formats.js';
import { inSnapshot } from './snapshot.js';

/** Each holds a connection of the pool for as long as it is read. */
const MAX_EXPORTS = 2;
const RETRY_AFTER_S = 30;

/** Lets everything out and in. */
@Injectable()
export class TransferService {
  private running = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Rows of one kind. @throws CodedException `OVERLOADED` when read */
  rows(selected: Selected, format: ExportFormat): AsyncGenerator<string> {
    return this.counted(() => inSnapshot(this.dataSource, (runner) => ROW_WRITERS[format](runner, selected)));
  }

  /** Everything, in the format that {@link import} reads. @throws CodedException `OVERLOADED` when read */
  everything(withSecrets: boolean, onProgress?: (lines: number) => void): AsyncGenerator<string> {
    const box = withSecrets ? this.box : undefined;
    return this.counted(() => exportBundle(this.dataSource, { box, now: this.clock.now(), onProgress }));
  }

  /**
   * Takes over a file, whole or not at all.
   * @returns rows by type
   * @throws CodedException `CONFLICT` when the instance is not empty, `VALIDATION_FAILED`
   */
  async import(path: string, onRead?: (bytes: number) => void): Promise<Record<string, number>> {
    const counts = await importBundle(this.dataSource, readBundle(path, onRead), this.box);
    await this.announce();
    return counts;
  }

  /** Tells every process to look at what it keeps in mind. */
  private async announce(): Promise<void> {
    await this.bus.publish('errors.regrouped', { ids: [] });
    const names = await this.dataSource.query<{ name: string }[]>('SELECT name FROM settings');
    await this.bus.publishAll('settings.changed', names);
    const [rules] = await this.dataSource.query<{ version: number | null }[]>(
      'SELECT max(version) AS version FROM grouping_rule_sets',
    );
    if (rules!.version !== null)
      await this.bus.publish('grouping.rules_changed', { version: rules!.version });
  }

  private async *counted(source: () => AsyncGenerator<string>): AsyncGenerator<string> {
    if (this.running >= MAX_EXPORTS)
      throw new CodedException('OVERLOADED', 'Other exports are under way.', undefined, RETRY_AFTER_S);
    this.running++;
    try {
      yield* source();
    } finally {
      this.running--;
    }
  }
}
