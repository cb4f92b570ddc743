import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { CodedException, ERROR_CODES } from '../../../common/coded-exception.js';
import { refusedPage, TEST_PAGE_CSP } from './privacy-test-page.js';

/** Tells a person in a browser why there is no page for them. */
@Catch(CodedException)
export class PrivacyTestPageFilter implements ExceptionFilter {
  catch(failure: CodedException, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<Response>()
      .status(ERROR_CODES[failure.code])
      .set({
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': TEST_PAGE_CSP,
        'Cache-Control': 'no-store',
      })
      .send(refusedPage(failure.message));
  }
}
