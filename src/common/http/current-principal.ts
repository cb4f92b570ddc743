import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Principal } from '../access.js';

/** A request after the access guard has let it through. */
export interface AuthorisedRequest extends Request {
  principal?: Principal;
}

/** Who makes the request. Undefined on public routes. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<AuthorisedRequest>().principal,
);
