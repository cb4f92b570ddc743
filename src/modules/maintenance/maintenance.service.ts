import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../common/clock.js';
import { CodedException, invalidField } from '../../common/coded-exception.js';
import type { MaintenanceWindow } from '../../database/entities/maintenance-window.entity.js';
import type { MaintenanceChangesDto, MaintenanceSettingsDto } from './dto/maintenance-settings.dto.js';
import {
  changedSettings,
  completeSettings,
  type MaintenanceSettings,
  timesOf,
} from './maintenance-settings.js';
import { stateAt } from './maintenance-view.js';
import { maintenanceNotFound } from './maintenance.reader.js';
import { overAt, type WindowTimes } from './occurrences.js';

/** Writes maintenance windows. Workers notice by the revision, which every change moves on. */
@Injectable()
export class MaintenanceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Answers the id of the new window. */
  async create(given: MaintenanceSettingsDto): Promise<string> {
    const settings = completeSettings(given);
    const times = timesOf(settings, null);
    const id = v7();
    await this.changing(async (manager, now) => {
      await assertKnown(manager, settings.endpoint_ids);
      await write(manager, INSERT, id, now, settings, times);
    });
    return id;
  }

  /** Replaces all settings: what is left out gets its default. */
  replace(id: string, given: MaintenanceSettingsDto): Promise<void> {
    return this.update(id, () => completeSettings(given));
  }

  /** Changes the settings that are given. */
  change(id: string, given: MaintenanceChangesDto): Promise<void> {
    return this.update(id, (current) => changedSettings(current, given));
  }

  /** Notes which configuration a window comes from. */
  async adopt(id: string, managedBy: string): Promise<void> {
    await this.dataSource.query('UPDATE maintenance_windows SET managed_by = $2 WHERE id = $1', [
      id,
      managedBy,
    ]);
  }

  async delete(id: string): Promise<void> {
    await this.changing(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(
        'DELETE FROM maintenance_windows WHERE id = $1',
        [id],
      );
      if (count === 0) throw maintenanceNotFound();
    });
  }

  /**
   * Ends what is in effect. A window that holds once ends now; a recurring one comes back at its next occurrence.
   * @throws CodedException `CONFLICT` when it is not in effect
   */
  async end(id: string): Promise<void> {
    await this.changing(async (manager, now) => {
      const window = await lock(manager, id);
      if (stateAt(window, now.getTime()).status !== 'active') {
        throw new CodedException('CONFLICT', 'This maintenance window is not in effect.');
      }
      // What was planned stays: a configuration file that says it again must not bring the window back.
      await manager.query(
        'UPDATE maintenance_windows SET ended_at = $2, over_at = $3, updated_at = $2 WHERE id = $1',
        [id, now, asDate(overAt({ ...window, ended_at: now }))],
      );
    });
  }

  private update(id: string, revise: (current: MaintenanceWindow) => MaintenanceSettings): Promise<void> {
    return this.changing(async (manager, now) => {
      const current = await lock(manager, id);
      const settings = revise(current);
      const times = timesOf(settings, isPlannedAnew(current, settings) ? null : current.ended_at);
      // Endpoints that are gone may stay in the list: they cover nothing, and what was returned can be sent back.
      const added = settings.endpoint_ids.filter((each) => !current.endpoint_ids.includes(each));
      await assertKnown(manager, added);
      await write(manager, UPDATE, id, now, settings, times);
    });
  }

  private async changing(work: (manager: EntityManager, now: Date) => Promise<void>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const now = this.clock.now();
      await work(manager, now);
      // Last, so that only the commit is left: whoever sees the new revision sees the rows that it stands for.
      await manager.query(
        'UPDATE maintenance_revision SET revision = revision + 1, changed_at = greatest(changed_at, $1)',
        [now],
      );
    });
  }
}

const COLUMNS = [
  'title',
  'description',
  'all_endpoints',
  'endpoint_ids',
  'groups',
  'tags',
  'starts_at',
  'ends_at',
  'cron',
  'duration_ms',
  'time_zone',
  'enabled',
  'ended_at',
  'over_at',
] as const satisfies readonly (keyof MaintenanceWindow)[];

const FIRST_PARAMETER = 3;
const PARAMETERS = COLUMNS.map((_, index) => `$${index + FIRST_PARAMETER}`);
const INSERT = `INSERT INTO maintenance_windows (id, created_at, updated_at, ${COLUMNS.join(', ')})
  VALUES ($1, $2, $2, ${PARAMETERS.join(', ')})`;
const UPDATE = `UPDATE maintenance_windows SET updated_at = $2,
  ${COLUMNS.map((column, index) => `${column} = ${PARAMETERS[index]}`).join(', ')} WHERE id = $1`;

async function write(
  manager: EntityManager,
  sql: string,
  id: string,
  now: Date,
  settings: MaintenanceSettings,
  times: WindowTimes,
): Promise<void> {
  const row: Pick<MaintenanceWindow, (typeof COLUMNS)[number]> = {
    ...settings,
    duration_ms: times.duration_ms,
    ended_at: times.ended_at,
    over_at: asDate(overAt(times)),
  };
  await manager.query(sql, [id, now, ...COLUMNS.map((column) => row[column])]);
}

/** Whoever gives a window that holds once another time wants it to hold then, also if it had been ended. */
function isPlannedAnew(current: MaintenanceWindow, settings: MaintenanceSettings): boolean {
  return (
    settings.cron === null &&
    (current.cron !== null ||
      settings.starts_at?.getTime() !== current.starts_at?.getTime() ||
      settings.ends_at?.getTime() !== current.ends_at?.getTime())
  );
}

async function lock(manager: EntityManager, id: string): Promise<MaintenanceWindow> {
  const [row] = await manager.query<MaintenanceWindow[]>(
    'SELECT * FROM maintenance_windows WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!row) throw maintenanceNotFound();
  return row;
}

async function assertKnown(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const unknown = await manager.query<{ id: string }[]>(
    `SELECT g.id FROM unnest($1::uuid[]) AS g(id) WHERE NOT EXISTS (SELECT FROM endpoints e WHERE e.id = g.id)`,
    [ids],
  );
  if (unknown.length === 0) return;
  const named = unknown.slice(0, 3).map(({ id }) => id);
  const more = unknown.length > named.length ? ` and ${unknown.length - named.length} more` : '';
  throw invalidField('endpoint_ids', `must be ids of endpoints: ${named.join(', ')}${more} are none`);
}

function asDate(time: number | null | undefined): Date | null {
  return time === null || time === undefined ? null : new Date(time);
}
