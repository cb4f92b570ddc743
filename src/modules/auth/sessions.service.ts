import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { hash, verify } from '@node-rs/argon2';
import { LessThan, MoreThan, Repository } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../common/clock.js';
import { CodedException } from '../../common/coded-exception.js';
import { Session } from '../../database/entities/session.entity.js';
import { User } from '../../database/entities/user.entity.js';
import { Bus } from '../../realtime/bus.js';
import { Authenticator } from './authenticator.js';
import { generateToken, hashToken } from './secret-token.js';

export const SESSION_LIFETIME_MS = 30 * 86_400_000;

/** Where a sign-in comes from, to recognise it in the list. */
export interface SessionOrigin {
  userAgent: string | undefined;
  ipAddress: string | undefined;
}

/** Signing in and out. */
@Injectable()
export class SessionsService {
  /** Compared with when there is no such account, so that the answer takes as long. */
  private readonly nobody = hash(generateToken());

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly authenticator: Authenticator,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `UNAUTHORIZED`, the same for a wrong password and an unknown account */
  async signIn(
    email: string,
    password: string,
    origin: SessionOrigin,
  ): Promise<{ token: string; user: User }> {
    const user = await this.users.findOneBy({ email: email.toLowerCase() });
    const matches = await verify(user?.password_hash ?? (await this.nobody), password);
    if (!user || !matches)
      throw new CodedException('UNAUTHORIZED', 'The e-mail address or the password is wrong.');
    return { token: await this.open(user, origin), user };
  }

  /** Opens a session without asking for the password. */
  async open(user: User, origin: SessionOrigin): Promise<string> {
    const now = this.clock.now();
    const token = generateToken();
    await this.sessions.delete({ user_id: user.id, expires_at: LessThan(now) });
    await this.sessions.insert({
      id: v7(),
      token_hash: hashToken(token),
      user_id: user.id,
      user_agent: origin.userAgent?.slice(0, 500) ?? null,
      ip_address: origin.ipAddress ?? null,
      created_at: now,
      expires_at: new Date(now.getTime() + SESSION_LIFETIME_MS),
    });
    await this.users.update({ id: user.id }, { last_active_at: now });
    return token;
  }

  list(userId: string): Promise<Session[]> {
    return this.sessions.find({
      where: { user_id: userId, expires_at: MoreThan(this.clock.now()) },
      order: { created_at: 'DESC' },
    });
  }

  async close(userId: string, sessionId: string): Promise<void> {
    const { affected } = await this.sessions.delete({ id: sessionId, user_id: userId });
    if (!affected) throw new CodedException('SESSION_NOT_FOUND', 'There is no such session of yours.');
    this.authenticator.forget();
    await this.bus.publish('access.revoked', { kind: 'session', id: sessionId });
  }

  async user(id: string): Promise<User> {
    return this.users.findOneByOrFail({ id });
  }
}
