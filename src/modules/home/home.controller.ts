import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../common/access.js';
import { Bare } from '../../common/http/envelope.interceptor.js';

/** Where the bare address leads. */
@ApiExcludeController()
@Public()
@Bare()
@Controller()
export class HomeController {
  @Get()
  @Redirect('/api/docs', 302)
  home(): void {}
}
