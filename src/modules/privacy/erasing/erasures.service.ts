import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { SecretBox } from '../../../common/secret-box.js';
import { within } from '../../../common/within.js';
import { CONFIG, type Config } from '../../../config/config.js';
import type { PrivacyErasure } from '../../../database/entities/privacy-erasure.entity.js';
import { JobQueue } from '../../../queues/job-queue.js';
import type { ErasureDto, EraseDto } from '../dto/erasure.dto.js';
import { hashIdentity, type Identity, IDENTITY_PARTS } from './identity.js';

const QUEUE_PATIENCE_MS = 1_000;

/** Takes down who is to be erased, and says how far that is. */
@Injectable()
export class ErasuresService {
  private readonly logger = new Logger(ErasuresService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: SecretBox,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SECRET_KEY'>,
  ) {}

  /**
   * Asks for a person to be erased. Who is waiting for it already is not taken down twice.
   * @throws CodedException `VALIDATION_FAILED`
   */
  async request(given: EraseDto, { kind, id: by }: Pick<Principal, 'kind' | 'id'>): Promise<ErasureDto> {
    const identity = identityOf(given);
    const hash = hashIdentity(identity, this.config.SECRET_KEY!);
    const [open] = await this.dataSource.query<PrivacyErasure[]>(
      `SELECT * FROM privacy_erasures WHERE status = 'waiting' AND identity_hash = $1`,
      [hash],
    );
    if (open) return toDto(open);
    const [row] = await this.dataSource.query<PrivacyErasure[]>(
      `INSERT INTO privacy_erasures (id, status, identity_hash, identity_encrypted, requested_by, requested_at)
       VALUES ($1, 'waiting', $2, $3, $4, $5) RETURNING *`,
      [v7(), hash, this.secrets.seal(identity), `${kind} ${by}`, this.clock.now()],
    );
    await this.startSoon();
    return toDto(row!);
  }

  /** @throws CodedException `NOT_FOUND` */
  async get(id: string): Promise<ErasureDto> {
    const [row] = await this.dataSource.query<PrivacyErasure[]>(
      'SELECT * FROM privacy_erasures WHERE id = $1',
      [id],
    );
    if (!row) throw new CodedException('NOT_FOUND', 'There is no such erasure.');
    return toDto(row);
  }

  /** The queue may be out of reach; the schedule sees to it anyhow. */
  private async startSoon(): Promise<void> {
    const added = this.jobs.add('erase-persons', {}).catch((error: Error) => {
      this.logger.warn(`A person is erased at the next turn only: ${error.message}`);
    });
    await within<unknown>(QUEUE_PATIENCE_MS, added, () => undefined);
  }
}

function identityOf(given: EraseDto): Identity {
  const parts = IDENTITY_PARTS.flatMap((part) => {
    const value = given[part]?.trim();
    return value ? [[part, value] as const] : [];
  });
  if (parts.length === 0) throw invalidField('id', 'or email, username or ip_address must be given');
  return Object.fromEntries(parts);
}

function toDto(row: PrivacyErasure): ErasureDto {
  return {
    id: row.id,
    status: row.status,
    requested_by: row.requested_by,
    requested_at: row.requested_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    tables: row.tables,
    tables_done: row.done.length,
    occurrences_changed: Number(row.occurrences_changed),
    groups_changed: Number(row.groups_changed),
    other_rows_changed: Number(row.other_rows_changed),
  };
}
