import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Express } from 'express';
import type { Principal } from '../common/access.js';
import { isTrustedOrigin } from '../common/http/origin.js';
import { CONFIG, type Config } from '../config/config.js';
import { SocketAuthenticator } from './socket-authenticator.js';
import { SocketStatistics } from './socket-statistics.js';

/** Why a handshake is refused, as an HTTP status with its words. */
export type Refusal = { status: 401 | 403 | 503; message: string };

const FORBIDDEN: Refusal = { status: 403, message: 'FORBIDDEN' };

type TrustProxy = (address: string | undefined, hop: number) => boolean;

/**
 * Decides at the handshake whether a socket may listen: it needs the right to read. Handshakes pass no middleware, so
 * what holds for requests is held here too: HTTPS where it is required, and no cookie for a page of another origin.
 */
@Injectable()
export class SocketAdmission {
  constructor(
    private readonly authenticator: SocketAuthenticator,
    private readonly statistics: SocketStatistics,
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async admit(request: IncomingMessage, token: string | undefined): Promise<Principal | Refusal> {
    if (this.config.REQUIRE_HTTPS && !this.isSecure(request))
      return { status: 403, message: 'HTTPS_REQUIRED' };
    const { cookie, origin, host } = request.headers;
    const usesCookie = token === undefined;
    if (usesCookie && origin !== undefined && !isTrustedOrigin(this.config, origin, host)) return FORBIDDEN;

    this.statistics.pending++;
    try {
      const principal = await this.authenticator.authenticate({ token, cookie });
      if (!principal) return { status: 401, message: 'UNAUTHORIZED' };
      return principal.rights.has('read') ? principal : FORBIDDEN;
    } catch {
      return { status: 503, message: 'DATABASE_UNAVAILABLE' };
    } finally {
      this.statistics.pending--;
    }
  }

  private isSecure({ socket, headers }: IncomingMessage): boolean {
    if ('encrypted' in socket) return true;
    const express = this.host.httpAdapter.getInstance<Express>();
    const trusts = express.get('trust proxy fn') as TrustProxy;
    const protocol = headers['x-forwarded-proto'];
    return (
      typeof protocol === 'string' &&
      protocol.split(',')[0]!.trim() === 'https' &&
      trusts(socket.remoteAddress, 0)
    );
  }
}

export function isRefusal(answer: Principal | Refusal): answer is Refusal {
  return 'status' in answer;
}
