import { isObject } from '../../common/is-object.js';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../common/access.js';
import { Clock } from '../../common/clock.js';
import { Bus } from '../../realtime/bus.js';
import type { SettingsByName, SettingsName } from './settings-sections.js';
import { SettingsReader } from './settings.reader.js';

/** Writes the settings. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: SettingsReader,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /**
   * Changes a section; what is left out stays as it is. When this resolves, it holds in this process; the others
   * are told.
   * @throws CodedException `VALIDATION_FAILED`
   */
  async write<Name extends SettingsName>(
    name: Name,
    given: unknown,
    { kind, id }: Pick<Principal, 'kind' | 'id'>,
  ): Promise<SettingsByName[Name]> {
    const value = this.reader.parse(name, await this.completed(name, given));
    await this.dataSource.query(
      `INSERT INTO settings (name, value, updated_at, updated_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at,
         updated_by = excluded.updated_by`,
      [name, JSON.stringify(value), this.clock.now(), `${kind} ${id}`],
    );
    await this.reader.refresh(name);
    await this.bus.publish('settings.changed', { name });
    return value;
  }

  /** By what is stored, not by what this process remembers: another may have changed it a moment ago. */
  private async completed(name: SettingsName, given: unknown): Promise<unknown> {
    if (!isObject(given)) return given;
    await this.reader.refresh(name);
    return { ...(await this.reader.read(name)), ...given };
  }
}
