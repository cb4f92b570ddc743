import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { REQUIRED_RIGHT, type Right } from '../../common/access.js';
import { CodedException } from '../../common/coded-exception.js';
import { isTrustedOrigin } from '../../common/http/origin.js';
import type { AuthorisedRequest } from '../../common/http/current-principal.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Authenticator } from './authenticator.js';
import { credentialsOf } from './credentials.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The one place that decides who may do what: every route names the right it needs, or is public. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required = this.reflector.getAllAndOverride<Right | 'public' | undefined>(REQUIRED_RIGHT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (required === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthorisedRequest>();
    const credentials = credentialsOf(request.headers);
    if (!credentials)
      throw new CodedException(
        'UNAUTHORIZED',
        'Send an API key in X-API-Key or as a bearer token, or sign in.',
      );
    if (credentials.kind === 'session') this.refuseForgery(request);
    const principal = await this.authenticator.authenticate(credentials);
    if (!principal)
      throw new CodedException('UNAUTHORIZED', 'This key or session is unknown, expired or revoked.');
    if (!required || !principal.rights.has(required)) {
      throw new CodedException('FORBIDDEN', `This needs the right to ${required ?? 'nobody has'}.`);
    }
    request.principal = principal;
    return true;
  }

  /** A browser sends the cookie for whoever asks: a change must come from our own pages. */
  private refuseForgery(request: Request): void {
    const { origin } = request.headers;
    if (SAFE_METHODS.has(request.method) || origin === undefined) return;
    if (isTrustedOrigin(this.config, origin, request.headers.host)) return;
    throw new CodedException('FORBIDDEN', 'This change was asked for by a page of another origin.');
  }
}
