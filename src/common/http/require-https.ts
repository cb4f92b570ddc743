import type { RequestHandler } from 'express';
import { CodedException } from '../coded-exception.js';

/** An orchestrator’s probes come over plain HTTP from the same machine or network. */
const EXEMPT = new Set(['/health/live', '/health/ready']);

/** Refuses plain HTTP. Behind a proxy, `X-Forwarded-Proto` counts when the proxy is trusted. */
export function requireHttps(): RequestHandler {
  return (request, _response, next) => {
    if (request.secure || EXEMPT.has(request.path)) next();
    else next(new CodedException('HTTPS_REQUIRED', 'Use HTTPS.'));
  };
}
