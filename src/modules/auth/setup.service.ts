import { Injectable } from '@nestjs/common';
import { hash } from '@node-rs/argon2';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { CodedException } from '../../common/coded-exception.js';
import { Instance } from '../../database/entities/instance.entity.js';
import { User } from '../../database/entities/user.entity.js';
import { generateToken, hashToken } from './secret-token.js';

export interface OwnerAccount {
  name: string;
  email: string;
  password: string;
}

const INSTANCE_ID = 1;

/** The claim of a new instance: whoever holds the one-time link becomes its owner. */
@Injectable()
export class SetupService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Makes a new set-up token, which replaces the one before.
   * @returns the token, or undefined once there is an owner
   */
  async issueToken(): Promise<string | undefined> {
    const token = generateToken();
    return this.dataSource.transaction(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(Instance)
        .values({ id: INSTANCE_ID })
        .orIgnore()
        .execute();
      // Whoever claims the instance holds this row too: a link is never made beside an owner.
      await manager.findOneOrFail(Instance, {
        where: { id: INSTANCE_ID },
        lock: { mode: 'pessimistic_write' },
      });
      if (await manager.existsBy(User, { role: 'owner' })) return undefined;
      await manager.update(Instance, INSTANCE_ID, { setup_token_hash: hashToken(token) });
      return token;
    });
  }

  async isValid(token: string): Promise<boolean> {
    return this.dataSource.manager.existsBy(Instance, {
      id: INSTANCE_ID,
      setup_token_hash: hashToken(token),
    });
  }

  /** @throws CodedException `FORBIDDEN` when the link was used, replaced or made up */
  async claim(token: string, account: OwnerAccount): Promise<User> {
    // Hashing a password costs; nobody without the link can make us do it.
    if (!(await this.isValid(token))) throw usedLink();
    const passwordHash = await hash(account.password);
    return this.dataSource.transaction(async (manager) => {
      const { affected } = await manager.update(
        Instance,
        { id: INSTANCE_ID, setup_token_hash: hashToken(token) },
        { setup_token_hash: null },
      );
      if (!affected) throw usedLink();
      const user = manager.create(User, {
        id: v7(),
        name: account.name,
        email: account.email.toLowerCase(),
        role: 'owner',
        password_hash: passwordHash,
        last_active_at: null,
        created_at: new Date(),
      });
      await manager.insert(User, user);
      return user;
    });
  }
}

function usedLink(): CodedException {
  return new CodedException(
    'FORBIDDEN',
    'This set-up link has been used or replaced. A restart prints a new one while there is no owner.',
  );
}
