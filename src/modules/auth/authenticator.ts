import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, Repository } from 'typeorm';
import { KEY_RIGHTS, type Principal, type Right, ROLE_RIGHTS } from '../../common/access.js';
import { Clock } from '../../common/clock.js';
import { ApiKey } from '../../database/entities/api-key.entity.js';
import { Session } from '../../database/entities/session.entity.js';
import { Bus } from '../../realtime/bus.js';
import type { Credentials } from './credentials.js';
import { KeyUsage } from './key-usage.js';
import { hashToken } from './secret-token.js';

const CACHE_MS = 60_000;
const CACHE_ENTRIES = 10_000;
const REPORT_ONLY: ReadonlySet<Right> = new Set(['report']);

interface Cached {
  principal: Principal;
  until: number;
}

/**
 * Who is behind a key or a session. Answers are remembered for a minute; a revocation, told over the bus, forgets them
 * at once in every process, and while the bus is out of reach nothing is remembered.
 */
@Injectable()
export class Authenticator implements OnModuleInit {
  private readonly cache = new Map<string, Cached>();
  /** Counts what was forgotten: a look-up that began before must not be remembered after. */
  private epoch = 0;

  constructor(
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly usage: KeyUsage,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.bus.on('access.revoked', () => this.forget());
    this.bus.onReconnect(() => this.forget());
  }

  async authenticate(credentials: Credentials): Promise<Principal | undefined> {
    const now = this.clock.now().getTime();
    const principal = await this.find(credentials, now);
    if (!principal || (principal.expiresAt?.getTime() ?? Infinity) <= now) return undefined;
    if (principal.kind === 'api_key') this.usage.used(principal.id, now);
    return principal;
  }

  private async find({ kind, token }: Credentials, now: number): Promise<Principal | undefined> {
    const cacheKey = `${kind} ${token}`;
    const cached = this.cache.get(cacheKey);
    if (cached && cached.until > now && this.bus.connected) return cached.principal;
    const { epoch } = this;
    const principal = await this.lookUp(kind, token);
    if (principal && epoch === this.epoch) this.remember(cacheKey, principal, now);
    return principal;
  }

  private lookUp(kind: Credentials['kind'], token: string): Promise<Principal | undefined> {
    switch (kind) {
      case 'api_key':
        return this.findKey({ key_hash: hashToken(token) });
      case 'public_key':
        return this.findPublicKey(token);
      case 'session':
        return this.findSession(hashToken(token));
    }
  }

  /** After a revocation. Here at once; the bus tells the other processes. */
  forget(): void {
    this.epoch++;
    this.cache.clear();
  }

  private remember(cacheKey: string, principal: Principal, now: number): void {
    if (this.cache.size >= CACHE_ENTRIES) this.cache.clear();
    this.cache.set(cacheKey, { principal, until: now + CACHE_MS });
  }

  private async findKey(by: FindOptionsWhere<ApiKey>): Promise<Principal | undefined> {
    const key = await this.keys.findOneBy(by);
    if (!key) return undefined;
    return {
      kind: 'api_key',
      id: key.id,
      name: key.name,
      rights: new Set(key.permissions.flatMap((permission) => KEY_RIGHTS[permission])),
      sources: key.sources,
      expiresAt: key.expires_at ?? undefined,
      errorsPerMinute: key.errors_per_minute,
    };
  }

  /** What everybody may know may only report, whatever else the key may. */
  private async findPublicKey(token: string): Promise<Principal | undefined> {
    const principal = await this.findKey({ public_key: token });
    return principal?.rights.has('report') ? { ...principal, rights: REPORT_ONLY } : undefined;
  }

  private async findSession(hash: Buffer): Promise<Principal | undefined> {
    const session = await this.sessions.findOne({ where: { token_hash: hash }, relations: { user: true } });
    if (!session) return undefined;
    const { user } = session;
    return {
      kind: 'user',
      id: user.id,
      name: user.name,
      rights: new Set(ROLE_RIGHTS[user.role]),
      sources: [],
      expiresAt: session.expires_at,
      sessionId: session.id,
    };
  }
}
