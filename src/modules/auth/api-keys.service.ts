import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { v7 } from 'uuid';
import type { KeyPermission } from '../../common/access.js';
import { CodedException } from '../../common/coded-exception.js';
import { dsnOf } from '../../common/dsn.js';
import { IngestKeys } from '../../common/ingest-keys.js';
import { DEFAULT_PROJECT, ProjectRegistry } from '../../common/project-registry.js';
import { CONFIG, type Config, publicUrl } from '../../config/config.js';
import { ApiKey } from '../../database/entities/api-key.entity.js';
import { Bus } from '../../realtime/bus.js';
import { ProjectsReader } from '../projects/projects.reader.js';
import { Authenticator } from './authenticator.js';
import { generateApiKey, generatePublicKey, hashToken, previewKey } from './secret-token.js';

export interface NewApiKey {
  name: string;
  permissions: KeyPermission[];
  sources?: string[];
  expires_at?: Date | null;
  errors_per_minute?: number | null;
}

/** A key with the DSN that its public half makes. */
export type ShownKey = ApiKey & { dsn: string | null };

/** Makes and revokes API keys. */
@Injectable()
export class ApiKeysService extends IngestKeys {
  private readonly publicUrl: string;

  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly authenticator: Authenticator,
    private readonly bus: Bus,
    private readonly registry: ProjectRegistry,
    private readonly projects: ProjectsReader,
    @Inject(CONFIG) config: Pick<Config, 'PUBLIC_URL' | 'PORT'>,
  ) {
    super();
    this.publicUrl = publicUrl(config);
  }

  async list(): Promise<ShownKey[]> {
    return this.shown(await this.keys.find({ order: { created_at: 'DESC' } }));
  }

  /**
   * The key itself is in the answer and nowhere else. One that may only report has a DSN: for the project of its first
   * source, which is made when there is none yet.
   */
  async create(wanted: NewApiKey): Promise<ShownKey & { key: string }> {
    const mayIngest = wanted.permissions.includes('ingest');
    const key = generateApiKey();
    const row = this.keys.create({
      id: v7(),
      name: wanted.name,
      key_hash: hashToken(key),
      key_preview: previewKey(key),
      permissions: wanted.permissions,
      sources: wanted.sources ?? [],
      expires_at: wanted.expires_at ?? null,
      last_used_at: null,
      created_at: new Date(),
      public_key: mayIngest ? generatePublicKey() : null,
      errors_per_minute: wanted.errors_per_minute ?? null,
    });
    if (mayIngest) await this.registry.register([projectOf(row)]);
    await this.keys.insert(row);
    const [shown] = await this.shown([row]);
    return { ...shown!, key };
  }

  async revoke(id: string): Promise<void> {
    const { affected } = await this.keys.delete({ id });
    if (!affected) throw new CodedException('API_KEY_NOT_FOUND', 'There is no API key with this id.');
    await this.forget(id);
  }

  async makeFor(source: string): Promise<string> {
    const { public_key } = await this.create({ name: source, permissions: ['ingest'], sources: [source] });
    return public_key!;
  }

  async revokeFor(source: string): Promise<void> {
    const [rows] = await this.keys.query<[{ id: string }[], number]>(
      `DELETE FROM api_keys WHERE sources = ARRAY[$1] AND permissions = '{ingest}' RETURNING id`,
      [source],
    );
    for (const { id } of rows) await this.forget(id);
  }

  private async forget(id: string): Promise<void> {
    this.authenticator.forget();
    await this.bus.publish('access.revoked', { kind: 'api_key', id });
  }

  private async shown(keys: readonly ApiKey[]): Promise<ShownKey[]> {
    const numbers = await this.projects.numbersOf(
      keys.filter(({ public_key }) => public_key !== null).map(projectOf),
    );
    return keys.map((key) => {
      const number = numbers.get(projectOf(key));
      const hasDsn = key.public_key !== null && number !== undefined;
      return { ...key, dsn: hasDsn ? dsnOf(this.publicUrl, key.public_key!, number) : null };
    });
  }
}

function projectOf({ sources }: Pick<ApiKey, 'sources'>): string {
  return sources[0] ?? DEFAULT_PROJECT;
}
