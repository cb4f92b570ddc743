import { DataSource } from 'typeorm';
import { formatDuration, parseDuration } from '../common/duration.js';
import { VALIDATION_PIPE } from '../common/http/validation.js';
import type { MaintenanceWindow } from '../database/entities/maintenance-window.entity.js';
import { MaintenanceSettingsDto } from '../modules/maintenance/dto/maintenance-settings.dto.js';
import {
  completeSettings,
  DEFAULTS,
  type MaintenanceSettings,
  timesOf,
} from '../modules/maintenance/maintenance-settings.js';
import { MaintenanceService } from '../modules/maintenance/maintenance.service.js';
import type { Declared, Existing } from './changes.js';
import { idsOf } from './name-book.js';
import { MANAGED_BY, type Names, type Resource } from './resource.js';

/** Maintenance windows. A file names endpoints under `endpoints`, where the API has their ids. */
export class MaintenanceResource implements Resource {
  readonly section = 'maintenance';
  readonly noun = 'maintenance window';
  readonly key = 'title';
  readonly refersBy = 'endpoints';

  constructor(
    private readonly dataSource: DataSource,
    private readonly maintenance: MaintenanceService,
  ) {}

  defaults(_settings: Declared, names: Names): Promise<Declared> {
    const { title: _, ...rest } = words({ ...DEFAULTS, title: '' }, names);
    return Promise.resolve(rest);
  }

  secrets(): string[][] {
    return [];
  }

  refusals(): [] {
    return [];
  }

  /**
   * Titles may come again and again: what a file has made goes before what a person has, and what a person made and is
   * over is nobody’s business but theirs.
   */
  async existing(names: Names): Promise<Map<string, Existing>> {
    const rows = await this.dataSource.query<MaintenanceWindow[]>(
      `SELECT * FROM maintenance_windows WHERE managed_by IS NOT NULL OR over_at IS NULL OR over_at > now()
       ORDER BY managed_by IS NOT NULL, created_at, id`,
    );
    return new Map(
      rows.map(({ id, managed_by, duration_ms, ...row }) => {
        const duration = duration_ms === null ? null : formatDuration(duration_ms);
        return [
          row.title,
          { id, managed: managed_by !== null, settings: words({ ...row, duration }, names) },
        ];
      }),
    );
  }

  async complete(declared: Record<string, unknown>, names: Names): Promise<Declared> {
    const settings = completeSettings(await this.dto(declared, names));
    timesOf(settings, null);
    return words(settings, names);
  }

  async create(settings: Declared, names: Names): Promise<string> {
    const id = await this.maintenance.create(await this.dto(settings, names));
    await this.maintenance.adopt(id, MANAGED_BY);
    return id;
  }

  async update(id: string, settings: Declared, names: Names): Promise<void> {
    await this.maintenance.replace(id, await this.dto(settings, names));
    await this.maintenance.adopt(id, MANAGED_BY);
  }

  async delete(id: string): Promise<void> {
    await this.maintenance.delete(id);
  }

  private dto(declared: Record<string, unknown>, names: Names): Promise<MaintenanceSettingsDto> {
    const { endpoints, ...given } = declared;
    const body = {
      ...given,
      ...(endpoints !== undefined && { endpoint_ids: idsOf(endpoints, names, 'endpoints') }),
    };
    return VALIDATION_PIPE.transform(body, {
      type: 'body',
      metatype: MaintenanceSettingsDto,
    }) as Promise<MaintenanceSettingsDto>;
  }
}

/** Settings in the words of the file, none left out. */
function words(settings: MaintenanceSettings, names: Names): Declared {
  const milliseconds = settings.duration === null ? undefined : parseDuration(settings.duration);
  return {
    title: settings.title,
    description: settings.description,
    all_endpoints: settings.all_endpoints,
    endpoints: settings.endpoint_ids.flatMap((id) => names.nameOf(id) ?? []),
    groups: settings.groups,
    tags: settings.tags,
    starts_at: settings.starts_at?.toISOString() ?? null,
    ends_at: settings.ends_at?.toISOString() ?? null,
    cron: settings.cron,
    duration: milliseconds === undefined ? null : formatDuration(milliseconds),
    time_zone: settings.time_zone,
    enabled: settings.enabled,
  };
}
