import { createHmac } from 'node:crypto';

/** Whom to erase: whatever is known of the person. */
export interface Identity {
  id?: string | undefined;
  email?: string | undefined;
  username?: string | undefined;
  ip_address?: string | undefined;
}

export const IDENTITY_PARTS = ['id', 'email', 'username', 'ip_address'] as const;

/** Says whether two requests mean the same person, to those who hold the key and know the person; nothing to others. */
export function hashIdentity(identity: Identity, secret: string): string {
  const parts = IDENTITY_PARTS.map((part) => identity[part]?.trim().toLowerCase() ?? null);
  return createHmac('sha256', secret)
    .update(`privacy-erasure:${JSON.stringify(parts)}`)
    .digest('hex');
}
