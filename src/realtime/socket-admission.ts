import { Injectable } from '@nestjs/common';
import type { Principal } from '../common/access.js';
import { SocketAuthenticator, type SocketCredentials } from './socket-authenticator.js';
import { SocketStatistics } from './socket-statistics.js';

/** Why a handshake is refused, as an HTTP status with its words. */
export type Refusal = { status: 401 | 403 | 503; message: string };

/** Decides at the handshake whether a socket may listen: it needs the right to read. */
@Injectable()
export class SocketAdmission {
  constructor(
    private readonly authenticator: SocketAuthenticator,
    private readonly statistics: SocketStatistics,
  ) {}

  async admit(credentials: SocketCredentials): Promise<Principal | Refusal> {
    this.statistics.pending++;
    try {
      const principal = await this.authenticator.authenticate(credentials);
      if (!principal) return { status: 401, message: 'UNAUTHORIZED' };
      return principal.rights.has('read') ? principal : { status: 403, message: 'FORBIDDEN' };
    } catch {
      return { status: 503, message: 'DATABASE_UNAVAILABLE' };
    } finally {
      this.statistics.pending--;
    }
  }
}

export function isRefusal(answer: Principal | Refusal): answer is Refusal {
  return 'status' in answer;
}
