import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Bus } from '../../../realtime/bus.js';
import { ParsedMap } from './parsed-map.js';
import { SizedCache } from './sized-cache.js';
import { type MapKey, SourceMapStore } from './source-map-store.js';

/** Text of maps that are held ready; in memory they take about three times that. */
const MAX_HELD_CHARACTERS = 64 * 1024 * 1024;
/** Releases and debug ids whose maps are known, the missing ones too. */
const MAX_KNOWN = 20_000;

/** Finds the source map of a script. Maps are read when they are first needed, and held as long as there is room. */
@Injectable()
export class SourceMapFinder implements OnModuleInit {
  private readonly logger = new Logger(SourceMapFinder.name);
  private sources: ReadonlySet<string> = new Set();
  private readonly maps = new SizedCache<Promise<ParsedMap | undefined>>(MAX_HELD_CHARACTERS);
  private readonly releases = new SizedCache<Promise<readonly MapKey[]>>(MAX_KNOWN);
  private readonly debugIds = new SizedCache<Promise<MapKey | undefined>>(MAX_KNOWN);

  constructor(
    private readonly store: SourceMapStore,
    private readonly bus: Bus,
  ) {}

  async onModuleInit(): Promise<void> {
    this.bus.on('source_maps.changed', () => this.refresh());
    this.bus.onReconnect(() => this.refresh());
    await this.refresh();
  }

  /** Whether a program has source maps. Most have none, and ask nothing further. */
  has(source: string): boolean {
    return this.sources.has(source);
  }

  /** Maps themselves stay: one that is replaced has another id. */
  async refresh(): Promise<void> {
    this.releases.clear();
    this.debugIds.clear();
    this.sources = new Set(await this.store.sources());
  }

  keysOfRelease(source: string, release: string): Promise<readonly MapKey[]> {
    const key = `${source}\n${release}`;
    const known = this.releases.get(key);
    if (known) return known;
    const keys = this.store.keysOfRelease(source, release);
    this.remember(
      this.releases,
      key,
      keys,
      keys.then(({ length }) => length + 1),
    );
    return keys;
  }

  keyOfDebugId(source: string, debugId: string): Promise<MapKey | undefined> {
    const key = `${source}\n${debugId}`;
    const known = this.debugIds.get(key);
    if (known) return known;
    const found = this.store.keysOfDebugIds(source, [debugId]).then((keys) => keys.at(-1));
    this.remember(this.debugIds, key, found, Promise.resolve(1));
    return found;
  }

  map(id: string): Promise<ParsedMap | undefined> {
    const known = this.maps.get(id);
    if (known) return known;
    const text = this.store.read(id);
    const map = text.then((json) => (json === undefined ? undefined : this.parse(id, json)));
    this.remember(
      this.maps,
      id,
      map,
      text.then((json) => json?.length ?? 1),
    );
    return map;
  }

  private parse(id: string, json: string): ParsedMap | undefined {
    try {
      return new ParsedMap(json);
    } catch (error) {
      this.logger.warn({ message: 'A source map cannot be read', id, reason: (error as Error).message });
      return undefined;
    }
  }

  /** What fails is asked for again by the next who needs it. */
  private remember<Value>(
    cache: SizedCache<Promise<Value>>,
    key: string,
    value: Promise<Value>,
    size: Promise<number>,
  ): void {
    cache.set(key, value, 1);
    Promise.all([value, size]).then(
      ([, known]) => cache.resize(key, value, known),
      () => cache.forget(key, value),
    );
  }
}
