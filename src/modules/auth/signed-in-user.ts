import type { Principal } from '../../common/access.js';
import { CodedException } from '../../common/coded-exception.js';

/** @throws CodedException `FORBIDDEN` for an API key, which is nobody’s account */
export function signedInUser(principal: Principal): { userId: string; sessionId: string } {
  if (principal.sessionId === undefined)
    throw new CodedException('FORBIDDEN', 'This is for signed-in people, not for API keys.');
  return { userId: principal.id, sessionId: principal.sessionId };
}
