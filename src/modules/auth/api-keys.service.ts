import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { v7 } from 'uuid';
import type { KeyPermission } from '../../common/access.js';
import { CodedException } from '../../common/coded-exception.js';
import { ApiKey } from '../../database/entities/api-key.entity.js';
import { Bus } from '../../realtime/bus.js';
import { Authenticator } from './authenticator.js';
import { generateApiKey, hashToken, previewKey } from './secret-token.js';

export interface NewApiKey {
  name: string;
  permissions: KeyPermission[];
  sources?: string[];
  expires_at?: Date | null;
}

/** Makes and revokes API keys. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    private readonly authenticator: Authenticator,
    private readonly bus: Bus,
  ) {}

  list(): Promise<ApiKey[]> {
    return this.keys.find({ order: { created_at: 'DESC' } });
  }

  /** The key itself is in the answer and nowhere else. */
  async create(wanted: NewApiKey): Promise<ApiKey & { key: string }> {
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
    });
    await this.keys.insert(row);
    return { ...row, key };
  }

  async revoke(id: string): Promise<void> {
    const { affected } = await this.keys.delete({ id });
    if (!affected) throw new CodedException('API_KEY_NOT_FOUND', 'There is no API key with this id.');
    this.authenticator.forget();
    await this.bus.publish('access.revoked', { kind: 'api_key', id });
  }
}
