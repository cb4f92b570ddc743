import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CONFIG, type Config } from '../../../config/config.js';
import type { RollupName } from '../../../database/entities/rollup-progress.entity.js';
import { ROLL_UP_DAY, ROLL_UP_HOUR } from './check-rollups.js';
import { CORRECT_DAYS, FREEZE_MONTH, ROLL_UP_DAYS, TAKE_STALE_DAYS } from './endpoint-days.js';
import { DAY_MS, dayName, startOfDay, startOfMonth } from './state-time.js';

const HOUR_MS = 3_600_000;
/** An hour is rolled up this long after it has closed: a check may take a minute, and is then written. */
const SETTLE_MS = 300_000;
/** A month is frozen this long after it has ended: a gap may be noticed late. */
const MONTH_SETTLES_MS = 2 * DAY_MS;
/** Most steps of one rollup in one run; the next run goes on. */
const MAX_STEPS = 800;
/** Days of running totals that one statement counts. */
const DAYS_AT_ONCE = 14;
/** Endpoints whose hours of a day one statement merges. */
const ENDPOINTS_AT_ONCE = 5_000;

/** One step of a rollup: does what comes after `doneTo` and answers how far it came, or undefined when it is too early. */
type Step = (manager: EntityManager, doneTo: number) => Promise<number | undefined>;

/** How many steps each rollup took, and how many endpoints had their running totals corrected. */
export type RollUpReport = Record<RollupName | 'corrected', number>;

/**
 * Keeps what statistics read: hours and days of response times, running totals of states, frozen months. Every step is
 * a transaction that also writes down how far it came, and can be made again.
 */
@Injectable()
export class RollUpService implements OnModuleDestroy {
  private readonly logger = new Logger(RollUpService.name);
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'CHECK_RETENTION'>,
  ) {}

  /** A run may have much to catch up with; the process does not wait for it. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  async rollUp(): Promise<RollUpReport> {
    const check_hours = await this.advance('check_hours', (manager, doneTo) => this.hour(manager, doneTo));
    const check_days = await this.advance('check_days', (manager, doneTo) => this.day(manager, doneTo));
    const endpoint_days = await this.advance('endpoint_days', (manager, doneTo) =>
      this.runningTotals(manager, doneTo),
    );
    const corrected = await this.correct();
    const endpoint_months = await this.advance('endpoint_months', (manager, doneTo) =>
      this.month(manager, doneTo),
    );
    const report = { check_hours, check_days, endpoint_days, corrected, endpoint_months };
    if (Object.values(report).some((count) => count > 0)) this.logger.debug({ msg: 'Rolled up', ...report });
    return report;
  }

  /** Whether an hour or a day has closed that is not rolled up. */
  async isBehind(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ behind: boolean }[]>(
      `SELECT bool_or(done_to IS NULL OR done_to < CASE name WHEN 'check_hours' THEN $1::timestamptz ELSE $2 END) AS behind
       FROM rollup_progress WHERE name IN ('check_hours', 'endpoint_days')`,
      [new Date(this.closed(HOUR_MS)), new Date(this.closed(DAY_MS))],
    );
    return row!.behind;
  }

  /** Takes steps until there is nothing more to do, and says how many. */
  private async advance(name: RollupName, step: Step): Promise<number> {
    let steps = 0;
    while (steps < MAX_STEPS && !this.stopping && (await this.take(name, step))) steps++;
    return steps;
  }

  /** Steps of one rollup wait for each other, in whatever process they are. */
  private take(name: RollupName, step: Step): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const [progress] = await manager.query<{ done_to: Date | null }[]>(
        'SELECT done_to FROM rollup_progress WHERE name = $1 FOR UPDATE',
        [name],
      );
      const doneTo = progress!.done_to ?? (await this.beginning(manager, name));
      const reached = await step(manager, doneTo.getTime());
      if (reached === undefined) return false;
      await manager.query('UPDATE rollup_progress SET done_to = $2 WHERE name = $1', [
        name,
        new Date(reached),
      ]);
      return true;
    });
  }

  private async hour(manager: EntityManager, from: number): Promise<number | undefined> {
    const to = from + HOUR_MS;
    if (to > this.closed(HOUR_MS)) return undefined;
    await keepEndpoints(manager);
    await manager.query(ROLL_UP_HOUR, [new Date(from), new Date(to)]);
    return to;
  }

  private async day(manager: EntityManager, from: number): Promise<number | undefined> {
    const to = from + DAY_MS;
    if (to > (await progressOf(manager, 'check_hours'))) return undefined;
    const parts = Math.ceil((await keepEndpoints(manager)) / ENDPOINTS_AT_ONCE);
    for (let part = 0; part < parts; part++)
      await manager.query(ROLL_UP_DAY, [new Date(from), new Date(to), parts, part]);
    return to;
  }

  private async runningTotals(manager: EntityManager, from: number): Promise<number | undefined> {
    const to = Math.min(this.closed(DAY_MS), from + DAYS_AT_ONCE * DAY_MS);
    if (to <= from) return undefined;
    await keepEndpoints(manager);
    await manager.query(ROLL_UP_DAYS, [dayName(to - DAY_MS), dayName(from)]);
    return to;
  }

  private async month(manager: EntityManager, from: number): Promise<number | undefined> {
    const to = startOfMonth(from, 1);
    const isSettled = to + MONTH_SETTLES_MS <= this.clock.now().getTime();
    if (!isSettled || to > (await progressOf(manager, 'endpoint_days'))) return undefined;
    await keepEndpoints(manager);
    await manager.query(FREEZE_MONTH, [dayName(from), dayName(to - DAY_MS)]);
    return to;
  }

  /** Counts again where a change of state was written down after its day had been rolled up. */
  private async correct(): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const rolledTo = await progressOf(manager, 'endpoint_days', 'FOR UPDATE');
      const [marks] = await manager.query<[{ endpoint_id: string; day: string }[], number]>(TAKE_STALE_DAYS);
      const last = dayName(rolledTo - DAY_MS);
      const stale = marks.filter((mark) => mark.day <= last);
      if (stale.length === 0) return 0;
      await keepEndpoints(manager);
      await manager.query(CORRECT_DAYS, [
        last,
        stale.map((mark) => mark.endpoint_id),
        stale.map((mark) => mark.day),
      ]);
      return stale.length;
    });
  }

  /** Where a rollup starts that has never run: with the oldest of what is there. */
  private async beginning(manager: EntityManager, name: RollupName): Promise<Date> {
    const now = this.clock.now();
    const [row] = await manager.query<{ since: Date | null }[]>(
      'SELECT min(started_at) AS since FROM endpoint_state_intervals',
    );
    const since = (row!.since ?? now).getTime();
    const kept = Math.max(since, now.getTime() - this.config.CHECK_RETENTION);
    switch (name) {
      case 'check_hours':
      case 'check_days':
        return new Date(startOfDay(kept));
      case 'endpoint_days':
        return new Date(startOfDay(since));
      case 'endpoint_months':
        return new Date(startOfMonth(since));
    }
  }

  /** The end of the last hour or day that has closed and settled. */
  private closed(length: number): number {
    return Math.floor((this.clock.now().getTime() - SETTLE_MS) / length) * length;
  }
}

async function progressOf(manager: EntityManager, name: RollupName, lock = ''): Promise<number> {
  const [row] = await manager.query<{ done_to: Date | null }[]>(
    `SELECT done_to FROM rollup_progress WHERE name = $1 ${lock}`,
    [name],
  );
  return row!.done_to?.getTime() ?? 0;
}

/** Keeps endpoints from being deleted while rows are written for them, and says how many there are. */
async function keepEndpoints(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM (SELECT id FROM endpoints ORDER BY id FOR KEY SHARE) kept',
  );
  return row!.count;
}
