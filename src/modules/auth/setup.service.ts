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
   * @returns the token, or undefined once there is an owner; `first` says that this instance is brand new
   */
  async issueToken(): Promise<{ first: boolean; token: string | undefined }> {
    return this.dataSource.transaction(async (manager) => {
      const token = generateToken();
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(Instance)
        .values({ id: INSTANCE_ID, setup_token_hash: hashToken(token) })
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length > 0) return { first: true, token };
      const claimed = await manager.existsBy(User, { role: 'owner' });
      if (claimed) return { first: false, token: undefined };
      await manager.update(Instance, INSTANCE_ID, { setup_token_hash: hashToken(token) });
      return { first: false, token };
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
    const passwordHash = await hash(account.password);
    return this.dataSource.transaction(async (manager) => {
      const { affected } = await manager.update(
        Instance,
        { id: INSTANCE_ID, setup_token_hash: hashToken(token) },
        { setup_token_hash: null },
      );
      if (!affected)
        throw new CodedException(
          'FORBIDDEN',
          'This set-up link has been used or replaced. A restart prints a new one while there is no owner.',
        );
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
