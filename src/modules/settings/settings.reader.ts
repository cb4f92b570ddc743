import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { validationFailed } from '../../common/http/validation.js';
import { Bus } from '../../realtime/bus.js';
import { SECTIONS, type SettingsByName, type SettingsName } from './settings-sections.js';

export type { SettingsByName, SettingsName } from './settings-sections.js';

/** Changes are told over the bus; should a message be lost, this is how long an old value may live. */
const CACHE_MS = 600_000;

type Watcher = (value: never) => void;

interface Cached {
  value: Promise<unknown>;
  until: number;
}

/** The settings as they are now. */
@Injectable()
export class SettingsReader implements OnModuleInit {
  private readonly logger = new Logger(SettingsReader.name);
  private readonly cache = new Map<SettingsName, Cached>();
  private readonly watchers = new Map<SettingsName, Watcher[]>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.bus.on('settings.changed', ({ name }) => this.refresh(name as SettingsName));
    this.bus.onReconnect(async () => {
      await Promise.all(Object.keys(SECTIONS).map((name) => this.refresh(name as SettingsName)));
    });
  }

  /** One section, complete: defaults stand where nobody chose. From memory, unless it has changed. */
  read<Name extends SettingsName>(name: Name): Promise<SettingsByName[Name]> {
    const cached = this.cache.get(name);
    if (cached && cached.until > this.clock.now().getTime())
      return cached.value as Promise<SettingsByName[Name]>;
    return this.load(name);
  }

  /**
   * A section as somebody gives it, complete. Nothing is stored.
   * @throws CodedException `VALIDATION_FAILED`
   */
  parse<Name extends SettingsName>(name: Name, given: unknown): SettingsByName[Name] {
    const { success, data, error } = SECTIONS[name].schema.safeParse(given);
    if (success) return data as SettingsByName[Name];
    throw validationFailed(
      error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })),
    );
  }

  /**
   * For work that cannot wait for {@link read}: hands the section over now and after each change. Resolves when it has
   * been handed over the first time.
   */
  async watch<Name extends SettingsName>(
    name: Name,
    watcher: (value: SettingsByName[Name]) => void,
  ): Promise<void> {
    this.watchers.set(name, [...(this.watchers.get(name) ?? []), watcher]);
    watcher(await this.read(name));
    setInterval(() => void this.refresh(name).catch(() => undefined), CACHE_MS).unref();
  }

  /** Reads a section anew, and tells those who watch it. */
  async refresh(name: SettingsName): Promise<void> {
    this.cache.delete(name);
    const loading = this.load(name);
    const value = (await loading) as never;
    // A change that came meanwhile is told by whoever loads that.
    if (this.cache.get(name)?.value !== loading) return;
    for (const watcher of this.watchers.get(name) ?? []) watcher(value);
  }

  private load<Name extends SettingsName>(name: Name): Promise<SettingsByName[Name]> {
    const value = this.fetch(name);
    const cached = { value, until: this.clock.now().getTime() + CACHE_MS };
    this.cache.set(name, cached);
    value.catch(() => {
      if (this.cache.get(name) === cached) this.cache.delete(name);
    });
    return value;
  }

  private async fetch<Name extends SettingsName>(name: Name): Promise<SettingsByName[Name]> {
    const [row] = await this.dataSource.query<{ value: unknown }[]>(
      'SELECT value FROM settings WHERE name = $1',
      [name],
    );
    const { schema } = SECTIONS[name];
    const { success, data, error } = schema.safeParse(row?.value ?? {});
    if (success) return data as SettingsByName[Name];
    this.logger.error(`The stored settings "${name}" cannot be read; the defaults hold: ${error.message}`);
    return schema.parse({}) as SettingsByName[Name];
  }
}
