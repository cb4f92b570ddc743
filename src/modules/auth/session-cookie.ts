import type { Request, Response } from 'express';
import { SESSION_COOKIE } from './credentials.js';
import { SESSION_LIFETIME_MS, type SessionOrigin } from './sessions.service.js';

export function setSessionCookie(request: Request, response: Response, token: string): void {
  response.cookie(SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'lax',
    secure: request.secure,
    maxAge: SESSION_LIFETIME_MS,
    path: '/',
  });
}

export function clearSessionCookie(response: Response): void {
  response.clearCookie(SESSION_COOKIE, { path: '/' });
}

export function originOf(request: Request): SessionOrigin {
  return { userAgent: request.headers['user-agent'], ipAddress: request.ip };
}
