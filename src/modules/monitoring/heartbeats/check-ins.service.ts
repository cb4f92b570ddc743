import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type CheckIn, CheckIns } from '../../../common/check-ins.js';
import { CodedException } from '../../../common/coded-exception.js';
import { EndpointsService } from '../endpoints/endpoints.service.js';
import { endpointSettingsOf } from './check-in-settings.js';
import type { Signal } from './heartbeat.js';
import { HeartbeatsService } from './heartbeats.service.js';

/** Whoever has a DSN may bring monitors along, and may name projects as they like. */
const MAX_MONITORS = 200;
const MAX_IN_ALL = 2_000;
const MAX_NAME = 200;
const ENDED_RUNS = 20;
const LOOKS = 10;
const LOOK_EVERY_MS = 100;
const MAX_GROUP = 100;
const ENDS = ['success', 'fail'] as const;

interface Monitor {
  endpoint_id: string;
  /** JSON of what it last came with; null when nobody has said yet. */
  settings: string | null;
  /** Runs that ended last: `<id> success` or `<id> fail`. */
  ended: string[];
}

/**
 * Check-ins by name: each monitor of a project is a push endpoint. It is the one that it made by saying how it wants to
 * be watched, or one that somebody has made for it: of its name, in the group of the project’s name.
 */
@Injectable()
export class CheckInsService extends CheckIns {
  private making: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly endpoints: EndpointsService,
    private readonly heartbeats: HeartbeatsService,
  ) {
    super();
  }

  async take(checkIn: CheckIn): Promise<void> {
    const monitor = (await this.known(checkIn)) ?? (await this.make(checkIn));
    if (checkIn.status === 'in_progress') await this.start(checkIn, monitor);
    else await this.end(checkIn, monitor);
    // Behind the report: settings that make no sense cost no heartbeat.
    await this.applySettings(checkIn, monitor);
  }

  /**
   * SDKs do not wait for an answer before they send the end of a short run: it may overtake the start. One that ended
   * while its start was being reported is ended again, because nobody knows which of the two was stored first.
   */
  private async start(checkIn: CheckIn, { endpoint_id, ended }: Monitor): Promise<void> {
    if (endOf(checkIn, ended)) return;
    await this.heartbeats.report(endpoint_id, signalOf(checkIn));
    const kind = checkIn.run_id !== null && endOf(checkIn, (await this.find(checkIn))?.ended ?? []);
    if (kind) await this.heartbeats.report(endpoint_id, { ...signalOf(checkIn), kind });
  }

  private async end(checkIn: CheckIn, { endpoint_id }: Monitor): Promise<void> {
    const signal = signalOf(checkIn);
    const { source, monitor, run_id } = checkIn;
    if (run_id !== null) {
      await this.dataSource.query(
        `UPDATE check_in_monitors SET ended = (array_prepend($3::text, ended))[1:${ENDED_RUNS}]
         WHERE source = $1 AND monitor = $2`,
        [source, monitor, `${run_id} ${signal.kind}`],
      );
    }
    await this.heartbeats.report(endpoint_id, signal);
  }

  private async find({ source, monitor }: CheckIn): Promise<Monitor | undefined> {
    const [row] = await this.dataSource.query<Monitor[]>(
      'SELECT endpoint_id, settings, ended FROM check_in_monitors WHERE source = $1 AND monitor = $2',
      [source, monitor],
    );
    return row;
  }

  private async adopt(checkIn: CheckIn): Promise<Monitor | undefined> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM endpoints WHERE kind = 'push' AND name = $1 AND group_name = $2`,
      [checkIn.monitor.slice(0, MAX_NAME), groupOf(checkIn)],
    );
    return row && this.remember(checkIn, { endpoint_id: row.id, settings: null });
  }

  /**
   * The end of the very first run comes without settings, and beside its start, which makes the monitor: it is given a
   * second.
   */
  private async known(checkIn: CheckIn): Promise<Monitor | undefined> {
    for (let tries = 1; ; tries++) {
      const monitor = (await this.find(checkIn)) ?? (await this.adopt(checkIn));
      if (monitor || checkIn.settings || checkIn.run_id === null || tries === LOOKS) return monitor;
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  /** One at a time: each looks whether there is room left. @throws CodedException `NOT_FOUND`, `VALIDATION_FAILED`, `CONFLICT` */
  private make(checkIn: CheckIn): Promise<Monitor> {
    const made = this.making.then(() => this.makeNext(checkIn));
    this.making = made.catch(() => undefined);
    return made;
  }

  private async makeNext(checkIn: CheckIn): Promise<Monitor> {
    const { settings, source, monitor } = checkIn;
    if (!settings) {
      throw new CodedException(
        'NOT_FOUND',
        `There is no monitor "${monitor}". Send its monitor_config, or make a push endpoint of this name in the group "${groupOf(checkIn)}".`,
      );
    }
    const meanwhile = await this.find(checkIn);
    if (meanwhile) return meanwhile;
    await this.assertRoom(source);
    const given = {
      ...endpointSettingsOf(settings),
      kind: 'push' as const,
      group: groupOf(checkIn),
      public: false,
    };
    const name = monitor.slice(0, MAX_NAME);
    const endpoint_id = await this.endpoints.create({ ...given, name }).catch((error: unknown) => {
      if (!(error instanceof CodedException) || error.code !== 'CONFLICT') throw error;
      return this.endpoints.create({ ...given, name: `${monitor} [${source}]`.slice(0, MAX_NAME) });
    });
    const kept = await this.remember(checkIn, { endpoint_id, settings: JSON.stringify(settings) });
    // Two first check-ins at the same time have made one each.
    if (kept.endpoint_id !== endpoint_id) await this.endpoints.delete(endpoint_id);
    return kept;
  }

  private async assertRoom(source: string): Promise<void> {
    const [row] = await this.dataSource.query<{ own: number; all: number }[]>(
      'SELECT count(*) FILTER (WHERE source = $1)::int AS own, count(*)::int AS all FROM check_in_monitors',
      [source],
    );
    if (row!.all >= MAX_IN_ALL)
      throw new CodedException('CONFLICT', `All projects together have ${MAX_IN_ALL} monitors already.`);
    if (row!.own < MAX_MONITORS) return;
    throw new CodedException(
      'CONFLICT',
      `The project has ${MAX_MONITORS} monitors already: make a push endpoint for this one.`,
    );
  }

  /** Answers what is known: whoever came first has decided. */
  private async remember({ source, monitor }: CheckIn, made: Omit<Monitor, 'ended'>): Promise<Monitor> {
    const [row] = await this.dataSource.query<Monitor[]>(
      `INSERT INTO check_in_monitors (source, monitor, endpoint_id, settings) VALUES ($1, $2, $3, $4)
       ON CONFLICT (source, monitor) DO UPDATE SET source = excluded.source
       RETURNING endpoint_id, settings, ended`,
      [source, monitor, made.endpoint_id, made.settings],
    );
    return row!;
  }

  /** Only when they are others than the last: what people have changed here stays. */
  private async applySettings({ source, monitor, settings }: CheckIn, known: Monitor): Promise<void> {
    const json = settings && JSON.stringify(settings);
    if (!settings || json === known.settings) return;
    await this.endpoints.change(known.endpoint_id, endpointSettingsOf(settings));
    await this.dataSource.query(
      'UPDATE check_in_monitors SET settings = $3 WHERE source = $1 AND monitor = $2',
      [source, monitor, json],
    );
  }
}

function groupOf({ source }: CheckIn): string {
  return source.slice(0, MAX_GROUP);
}

/** How a run ended, if it has. */
function endOf({ run_id }: CheckIn, ended: readonly string[]): 'success' | 'fail' | undefined {
  if (run_id === null) return undefined;
  return ENDS.find((kind) => ended.includes(`${run_id} ${kind}`));
}

function signalOf({ status, duration_ms }: CheckIn): Signal {
  const signal = { exit_code: null, message: null, duration_ms };
  switch (status) {
    case 'in_progress':
      return { ...signal, kind: 'start' };
    case 'ok':
      return { ...signal, kind: 'success' };
    case 'error':
      return { ...signal, kind: 'fail' };
  }
}
