import { DataSource } from 'typeorm';
import type { Principal } from '../../../src/common/access.js';
import { Clock } from '../../../src/common/clock.js';
import type { Config } from '../../../src/config/config.js';
import { dataSourceOptions } from '../../../src/database/data-source.js';
import { ensurePartitions } from '../../../src/database/partitions.js';
import type { ReportedErrorDto } from '../../../src/modules/errors/dto/error.dto.js';
import { SourceMapFinder } from '../../../src/modules/errors/source-maps/source-map-finder.js';
import { SourceMapStore } from '../../../src/modules/errors/source-maps/source-map-store.js';
import { SourceMaps } from '../../../src/modules/errors/source-maps/source-maps.js';
import { Scrubber } from '../../../src/modules/errors/scrubbing/scrubber.js';
import { SettingsReader } from '../../../src/modules/settings/settings.reader.js';
import { ErrorStore } from '../../../src/modules/errors/storing/error-store.js';
import { ErrorWriter } from '../../../src/modules/errors/storing/error-writer.js';
import { ErrorsReader } from '../../../src/modules/errors/errors.reader.js';
import { WATCHKEEP } from '../../../src/modules/errors/life/actor.js';
import { ErrorDeletion } from '../../../src/modules/errors/life/error-deletion.service.js';
import { ErrorMerging } from '../../../src/modules/errors/life/error-merging.service.js';
import { ErrorStates } from '../../../src/modules/errors/life/error-states.service.js';
import { RuleBook } from '../../../src/modules/errors/grouping/rules/rule-book.js';
import { ErrorIntake, type ReportOrigin } from '../../../src/modules/errors/ingest/error-intake.js';
import { parseErrorReport } from '../../../src/modules/errors/ingest/parse-error-report.js';
import { ErrorLists } from '../../../src/modules/errors/search/error-lists.js';
import { Aliases } from '../../../src/modules/errors/storing/aliases.js';
import type { OnceKey } from '../../../src/modules/errors/storing/once-keys.js';
import { Releases } from '../../../src/modules/errors/storing/releases.js';
import { reportedErrorJson } from '../../../src/modules/errors/storing/saved-error.js';
import { LossLedger } from '../../../src/modules/errors/volume/loss-ledger.js';
import { ReportGate } from '../../../src/modules/errors/volume/report-gate.js';
import { ReportLimits } from '../../../src/modules/errors/volume/report-limits.js';
import { SpikeGuard } from '../../../src/modules/errors/volume/spike-guard.js';
import { SpikeStore } from '../../../src/modules/errors/volume/spike-store.js';
import { Bus } from '../../../src/realtime/bus.js';
import type { BusEvent } from '../../../src/realtime/events.js';

/** A bus that goes nowhere and remembers. */
export class RecordingBus extends Bus {
  readonly published: { event: BusEvent; ids: string[] }[] = [];

  protected send(text: string): Promise<void> {
    const [event, payload] = JSON.parse(text) as [BusEvent, { ids: string[] }];
    this.published.push({ event, ids: payload.ids });
    return Promise.resolve();
  }

  idsOf(event: BusEvent): string[] {
    return this.published.flatMap((message) => (message.event === event ? message.ids : []));
  }
}

/** A clock that tests set. */
export class SetClock extends Clock {
  constructor(public time = new Date()) {
    super();
  }

  override now(): Date {
    return this.time;
  }
}

/** A key that may report, for these sources only when there are any. */
export function reportingKey(id: string, sources: readonly string[] = []): Principal {
  return { kind: 'api_key', id, name: 'test', rights: new Set(['report']), sources };
}

const PRINCIPAL = reportingKey('11111111-1111-7111-8111-111111111111');

const TIME = /(?:_at|_seen|^timestamp)$/;

function reviveTime(key: string, value: unknown): unknown {
  return TIME.test(key) && typeof value === 'string' ? new Date(value) : value;
}

type VolumeSettings = Pick<
  Config,
  | 'OCCURRENCE_BUDGET'
  | 'ERROR_LIMIT_PER_KEY'
  | 'ERROR_LIMIT_PER_GROUP'
  | 'SPIKE_PROTECTION'
  | 'SPIKE_FLOOR'
  | 'SPIKE_FACTOR'
>;

/** Tests report in floods. */
const UNLIMITED: VolumeSettings = {
  OCCURRENCE_BUDGET: 1_000,
  ERROR_LIMIT_PER_KEY: 0,
  ERROR_LIMIT_PER_GROUP: 0,
  SPIKE_PROTECTION: false,
  SPIKE_FLOOR: 1_000,
  SPIKE_FACTOR: 10,
};

/** What one API process holds for errors, with a pool of its own. */
export class ErrorsProcess {
  readonly bus = new RecordingBus();
  readonly writer: ErrorWriter;
  readonly intake: ErrorIntake;
  readonly rules: RuleBook;
  readonly aliases: Aliases;
  /** Written when a test asks for it. */
  readonly ledger: LossLedger;
  /** Tells the others when a test asks for it. */
  readonly spikes: SpikeGuard;
  readonly states: ErrorStates;
  readonly deletion: ErrorDeletion;
  readonly merging: ErrorMerging;
  /** What people do most, by nobody in particular. */
  readonly service = {
    resolve: (id: string) => this.states.change(id, { action: 'resolve', in: 'now' }, WATCHKEEP),
    unresolve: (id: string) => this.states.change(id, { action: 'unresolve' }, WATCHKEEP),
    delete: (id: string) => this.deletion.delete(id),
  };
  readonly reader: ErrorsReader;
  readonly sourceMaps: SourceMapStore;
  /** Looks again when a test asks for it. */
  readonly sourceMapFinder: SourceMapFinder;

  private constructor(
    readonly dataSource: DataSource,
    clock: Clock,
    settings: VolumeSettings,
  ) {
    this.aliases = new Aliases(dataSource, this.bus);
    const releases = new Releases(dataSource, clock);
    const store = new ErrorStore(dataSource, this.aliases, releases, clock, settings);
    this.writer = new ErrorWriter(store, dataSource, this.bus, clock);
    this.states = new ErrorStates(dataSource, this.bus, clock);
    this.deletion = new ErrorDeletion(dataSource, this.bus);
    this.merging = new ErrorMerging(dataSource, this.bus, clock);
    this.ledger = new LossLedger(dataSource, clock);
    const limits = new ReportLimits(settings);
    this.spikes = new SpikeGuard(new SpikeStore(dataSource), clock, settings);
    const gate = new ReportGate(limits, this.spikes, this.ledger, clock);
    this.rules = new RuleBook(dataSource, this.bus);
    this.sourceMaps = new SourceMapStore(dataSource, this.bus, clock);
    this.sourceMapFinder = new SourceMapFinder(this.sourceMaps, this.bus);
    this.intake = new ErrorIntake(
      this.writer,
      gate,
      clock,
      this.rules,
      new Scrubber(new SettingsReader(dataSource, this.bus, clock)),
      new SourceMaps(this.sourceMapFinder),
    );
    this.reader = new ErrorsReader(dataSource, new ErrorLists(dataSource, clock));
  }

  static async start(
    url: string,
    clock: Clock = new Clock(),
    settings: Partial<VolumeSettings> = {},
  ): Promise<ErrorsProcess> {
    const dataSource = await new DataSource(dataSourceOptions(url, 5)).initialize();
    await ensurePartitions(dataSource, clock.now());
    return new ErrorsProcess(dataSource, clock, { ...UNLIMITED, ...settings });
  }

  async report(
    body: unknown,
    { idempotencyKey, ...given }: Partial<ReportOrigin> & { idempotencyKey?: string } = {},
  ): Promise<ReportedErrorDto> {
    const origin = { principal: PRINCIPAL, ...given };
    const once: OnceKey | undefined =
      idempotencyKey === undefined
        ? undefined
        : { scope: `${origin.principal.id}:errors`, key: idempotencyKey };
    const report = parseErrorReport(body, origin.principal.sources[0]);
    const { row, count, outcome } = await this.intake.take(report, origin, once);
    return JSON.parse(reportedErrorJson(row, count, outcome), reviveTime) as ReportedErrorDto;
  }

  /** All at once, so that they share flushes. */
  reportAll(bodies: readonly unknown[]): Promise<ReportedErrorDto[]> {
    return Promise.all(bodies.map((body) => this.report(body)));
  }

  async stop(): Promise<void> {
    await this.writer.beforeApplicationShutdown();
    await this.dataSource.destroy();
  }
}
