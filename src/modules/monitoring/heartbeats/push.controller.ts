import { applyDecorators, Controller, Get, Header, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../../common/access.js';
import { Bare } from '../../../common/http/envelope.interceptor.js';
import { HeartbeatsService } from './heartbeats.service.js';
import { signalOf } from './signal-of.js';
import { StrangerBound } from './stranger-bound.js';

const TOKEN = { name: 'token', description: 'Token of the push endpoint, the last part of its `push_url`.' };
const SIGNAL = {
  name: 'signal',
  description:
    '`start` of a run, `fail`, or the exit code of one that has ended: 0 is good, any other is not.',
};

interface Exchange {
  request: Request;
  response: Response;
}

/** What the routes of heartbeats have in common. */
function Heartbeat(): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    Header('Cache-Control', 'no-store'),
    ApiParam(TOKEN),
    ApiQuery({ name: 'msg', required: false, description: 'A message for people, when there is no body.' }),
    ApiQuery({
      name: 'ping',
      required: false,
      description: 'Milliseconds that what is reported took, unless its start was reported.',
    }),
    ApiQuery({
      name: 'status',
      required: false,
      enum: ['up', 'down'],
      description: '`down` reports a failure, as Uptime Kuma’s push monitors take it.',
    }),
    ApiOkResponse({
      description: 'The heartbeat is stored.',
      content: { 'text/plain': { schema: { type: 'string', enum: ['OK'] } } },
    }),
  );
}

/** Where jobs report that they have run. Whoever has the address may report; its answers say nothing else. */
@ApiTags('Heartbeats')
@Controller('api/push')
@Public()
@Bare()
export class PushController {
  constructor(
    private readonly heartbeats: HeartbeatsService,
    private readonly strangers: StrangerBound,
  ) {}

  /** Report that a job has run. The body, up to 10 KiB of text, is kept as its message. */
  @Post(':token')
  @Heartbeat()
  report(
    @Param('token') token: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.take(token, { request, response });
  }

  /** Report that a job has run, by asking for an address. */
  @Get(':token')
  @Heartbeat()
  reportByGet(
    @Param('token') token: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.take(token, { request, response });
  }

  /** Report the start of a run, its failure, or its exit code. The body, up to 10 KiB of text, is kept as its message. */
  @Post(':token/:signal')
  @ApiParam(SIGNAL)
  @Heartbeat()
  signal(
    @Param('token') token: string,
    @Param('signal') signal: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.take(token, { request, response }, signal);
  }

  /** Report the start of a run, its failure, or its exit code, by asking for an address. */
  @Get(':token/:signal')
  @ApiParam(SIGNAL)
  @Heartbeat()
  signalByGet(
    @Param('token') token: string,
    @Param('signal') signal: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.take(token, { request, response }, signal);
  }

  private async take(token: string, { request, response }: Exchange, part?: string): Promise<string> {
    const signal = signalOf(request, part);
    await this.strangers.guard(request.ip ?? '', token, () => this.heartbeats.ping(token, signal));
    response.type('text/plain');
    return 'OK';
  }
}
