import { Injectable, Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import type { Integration, IntegrationHealth } from '../../database/entities/integration.entity.js';
import { Bus } from '../../realtime/bus.js';
import type { IntegrationTestDto } from './dto/integration.dto.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import { type StatusFacts, statusChange } from './integration-view.js';
import { integrationNotFound } from './integrations.reader.js';
import { kindOf } from './kinds/integration-kinds.js';
import { IntegrationProber, type ProbeResult } from './probing/integration-prober.js';

/** Probes side by side. */
const CONCURRENCY = 10;
const KEEP_PROBES_MS = 86_400_000;

const probes = new Counter({
  name: 'watchkeep_integration_probes_total',
  help: 'Probes of integrations, by kind and outcome.',
  labelNames: ['kind', 'outcome'],
});

/** Probes integrations, and writes down what was found. */
@Injectable()
export class IntegrationProbes {
  private readonly logger = new Logger(IntegrationProbes.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: IntegrationSecretsBox,
    private readonly prober: IntegrationProber,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Probes all that are enabled. Only these probes count as uptime: they alone come at even distances. */
  async probeAll(): Promise<void> {
    await this.probeEach(await this.read('enabled', []), true);
  }

  /** Probes some that have just been changed, as far as they are still there and enabled. */
  async probeSome(ids: readonly string[]): Promise<void> {
    await this.probeEach(await this.read('enabled AND id = ANY($1::uuid[])', [ids]), false);
  }

  /**
   * Probes one now, enabled or not, for somebody who waits.
   * @throws CodedException `INTEGRATION_NOT_FOUND`
   */
  async test(name: string): Promise<IntegrationTestDto> {
    const [row] = await this.read('name = $1', [name]);
    if (!row) throw integrationNotFound(name);
    const tested_at = this.clock.now();
    const result = await this.probe(row);
    if (row.enabled) await this.store(row, result, false);
    return { name, ...result, proves: kindOf(row.kind)?.proves ?? '', tested_at };
  }

  private read(condition: string, parameters: unknown[]): Promise<Integration[]> {
    return this.dataSource.query(`SELECT * FROM integrations WHERE ${condition} ORDER BY id`, parameters);
  }

  private async probeEach(rows: readonly Integration[], counts: boolean): Promise<void> {
    const waiting = [...rows];
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        await this.store(row, await this.probe(row), counts);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  private async probe(row: Integration): Promise<ProbeResult> {
    const kind = kindOf(row.kind);
    const settings = this.secrets.open(row);
    if (!kind) return notMeasured(`this version of Watchkeep does not know the kind ${row.kind}`);
    if (!settings) return notMeasured('its secrets were stored with another SECRET_KEY; save them again');
    const result = await this.prober.probe(kind, settings);
    probes.inc({ kind: kind.name, outcome: OUTCOMES[String(result.ok)] });
    return result;
  }

  /** Nothing is written when the settings have changed meanwhile: the result is not about these. */
  private async store(row: Integration, result: ProbeResult, counts: boolean): Promise<void> {
    const now = this.clock.now();
    const status = OUTCOMES[String(result.ok)]!;
    const [[stored]] = await this.dataSource.query<[Stored[]]>(STORE, [
      row.id,
      row.updated_at,
      status,
      now,
      result.response_time_ms,
      result.error,
    ]);
    if (!stored) return;
    if (counts && result.ok !== null) await this.count(row.id, now, result.ok);
    if (stored.status !== stored.previous) await this.tell(stored, result.error);
  }

  /** As one comes in, those that are too old go: there are never more than a day’s. */
  private async count(id: string, at: Date, ok: boolean): Promise<void> {
    await this.dataSource.query(COUNT, [id, at, ok, new Date(at.getTime() - KEEP_PROBES_MS)]);
  }

  private async tell(now: Stored, error: string | null): Promise<void> {
    if (now.status === 'unhealthy') this.logger.warn(`Integration ${now.name} does not work: ${error}`);
    else if (now.previous === 'unhealthy' && now.status === 'healthy') {
      this.logger.log(`Integration ${now.name} works again`);
    }
    await this.bus.publish('integration.status_changed', statusChange(now));
  }
}

interface Stored extends StatusFacts {
  previous: IntegrationHealth;
}

const OUTCOMES: Record<string, string> = { true: 'healthy', false: 'unhealthy', null: 'unknown' };

/** The row is locked while its status before is read: of two probes that end at once, one announces the change. */
const STORE = `
  UPDATE integrations i SET status = $3, last_checked_at = $4, last_response_ms = $5, last_error = $6,
    status_since = CASE WHEN i.status = $3 THEN i.status_since ELSE $4 END
  FROM (SELECT id, status FROM integrations WHERE id = $1 AND updated_at = $2 FOR UPDATE) before
  WHERE i.id = before.id
  RETURNING i.name, i.kind, i.status, i.status_since, before.status AS previous`;

const COUNT = `
  WITH expired AS (DELETE FROM integration_probes WHERE integration_id = $1 AND probed_at <= $4)
  INSERT INTO integration_probes (integration_id, probed_at, ok)
  SELECT id, $2, $3 FROM integrations WHERE id = $1
  ON CONFLICT DO NOTHING`;

function notMeasured(why: string): ProbeResult {
  return { ok: null, error: `Not measured: ${why}`, detail: null, response_time_ms: null };
}
