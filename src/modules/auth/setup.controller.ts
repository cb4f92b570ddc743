import { Body, Controller, Get, Header, HttpCode, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../common/access.js';
import { Bare } from '../../common/http/envelope.interceptor.js';
import { ClaimDto } from './dto/session.dto.js';
import { originOf, setSessionCookie } from './session-cookie.js';
import { SessionsService } from './sessions.service.js';
import { SETUP_PAGE_CSP, setupPage, setupRefusedPage } from './setup-page.js';
import { SetupService } from './setup.service.js';
import { SetupFormFilter } from './setup-form.filter.js';

/** The page behind the one-time set-up link. */
@ApiExcludeController()
@Public()
@Bare()
@Controller('setup')
export class SetupController {
  constructor(
    private readonly setup: SetupService,
    private readonly sessions: SessionsService,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', SETUP_PAGE_CSP)
  @Header('Cache-Control', 'no-store')
  @Header('Referrer-Policy', 'no-referrer')
  async form(@Query('token') token: unknown): Promise<string> {
    const known = typeof token === 'string' && (await this.setup.isValid(token));
    return known ? setupPage({ token }) : setupRefusedPage();
  }

  @Post()
  @HttpCode(303)
  @UseFilters(SetupFormFilter)
  async claim(
    @Body() { token, ...account }: ClaimDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const owner = await this.setup.claim(token, account);
    setSessionCookie(request, response, await this.sessions.open(owner, originOf(request)));
    response.redirect(303, '/');
  }
}
