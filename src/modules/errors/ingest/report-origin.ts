import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthorisedRequest } from '../../../common/http/current-principal.js';
import type { ReportOrigin } from '../errors.service.js';

/** Who sends a report, as the request says. */
export const ReportedBy = createParamDecorator((_: unknown, context: ExecutionContext): ReportOrigin => {
  const request = context.switchToHttp().getRequest<AuthorisedRequest>();
  return {
    principal: request.principal!,
    userAgent: request.get('user-agent'),
    ipAddress: request.ip,
    idempotencyKey: request.get('idempotency-key'),
  };
});
