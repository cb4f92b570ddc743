import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CodedException, ERROR_CODES } from '../../common/coded-exception.js';
import { SETUP_PAGE_CSP, setupPage } from './setup-page.js';

/** Shows a refused form again, with what is wrong and all but the password filled in. */
@Catch(CodedException)
export class SetupFormFilter implements ExceptionFilter {
  catch(failure: CodedException, host: ArgumentsHost): void {
    const body = (host.switchToHttp().getRequest<Request>().body ?? {}) as Record<string, unknown>;
    const text = (field: string): string => (typeof body[field] === 'string' ? body[field] : '');
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(ERROR_CODES[failure.code])
      .set({
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': SETUP_PAGE_CSP,
        'Cache-Control': 'no-store',
      })
      .send(
        setupPage({
          token: text('token'),
          name: text('name'),
          email: text('email'),
          problem: failure.message,
        }),
      );
  }
}
