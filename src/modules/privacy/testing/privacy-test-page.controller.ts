import { Body, Controller, Get, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { Bare } from '../../../common/http/envelope.interceptor.js';
import { TEST_PAGE_CSP, testPage } from './privacy-test-page.js';
import { PrivacyTestPageFilter } from './privacy-test-page.filter.js';
import { PrivacyTestForm } from './privacy-test-form.js';

/** The page on which a person tries what would be stored of a sample. */
@ApiExcludeController()
@Requires('administer')
@Bare()
@UseFilters(PrivacyTestPageFilter)
@Controller('settings/privacy/test')
export class PrivacyTestPageController {
  constructor(private readonly form: PrivacyTestForm) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', TEST_PAGE_CSP)
  @Header('Cache-Control', 'no-store')
  async show(): Promise<string> {
    return testPage(await this.form.empty());
  }

  @Post()
  @HttpCode(200)
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', TEST_PAGE_CSP)
  @Header('Cache-Control', 'no-store')
  async test(@Body() given: Record<string, unknown> | undefined): Promise<string> {
    return testPage(await this.form.fill(given ?? {}));
  }
}
