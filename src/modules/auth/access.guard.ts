import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { REQUIRED_RIGHT, type Right } from '../../common/access.js';
import type { AuthorisedRequest } from '../../common/http/current-principal.js';
import { AccessAuthorizer } from './access-authorizer.js';

/** Stands before every route: each names the right it needs, or is public. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authorizer: AccessAuthorizer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required = this.reflector.getAllAndOverride<Right | 'public' | undefined>(REQUIRED_RIGHT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (required === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthorisedRequest>();
    request.principal = await this.authorizer.authorize(request, required);
    return true;
  }
}
