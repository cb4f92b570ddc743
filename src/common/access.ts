import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';

/**
 * What a caller may do, one right a row of the access matrix:
 * `report` errors · `read` data · `write` (resolve, manage endpoints, run checks) · `administer` settings · `own` the instance.
 */
export type Right = 'report' | 'read' | 'write' | 'administer' | 'own';

export type Role = 'owner' | 'admin' | 'developer' | 'viewer';
export type KeyPermission = 'read' | 'write' | 'ingest' | 'admin';

export const ROLE_RIGHTS: Record<Role, readonly Right[]> = {
  owner: ['report', 'read', 'write', 'administer', 'own'],
  admin: ['report', 'read', 'write', 'administer'],
  developer: ['report', 'read', 'write'],
  viewer: ['read'],
};

export const KEY_RIGHTS: Record<KeyPermission, readonly Right[]> = {
  read: ['read'],
  write: ['report', 'read', 'write'],
  ingest: ['report'],
  admin: ['report', 'read', 'write', 'administer'],
};

/** Who makes a request: an API key or a signed-in user. */
export interface Principal {
  kind: 'api_key' | 'user';
  /** Id of the key or of the user. */
  id: string;
  name: string;
  rights: ReadonlySet<Right>;
  /** Sources that an ingest key is restricted to; empty means any. */
  sources: readonly string[];
  /** Of a key: errors that it may report a minute; null for the instance’s limit, 0 for none. */
  errorsPerMinute?: number | null;
  /** When the key or session ends by itself. */
  expiresAt?: Date;
  /** Set for a user: the session that carries the request. */
  sessionId?: string;
}

export const REQUIRED_RIGHT = 'watchkeep:required-right';

/** The right that a route needs. A route with neither this nor {@link Public} is refused to everyone. */
export function Requires(right: Right): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(REQUIRED_RIGHT, right), ApiSecurity('api_key'), ApiSecurity('bearer'));
}

/** Marks a route that needs no key. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(REQUIRED_RIGHT, 'public');
