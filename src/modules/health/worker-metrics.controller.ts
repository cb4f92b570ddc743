import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { answerExposition } from './metrics-answer.js';
import { ProbeRoute } from './probe-route.js';

/**
 * A worker’s metrics, for Prometheus, without a key: a worker knows no keys. Its probe server listens on 127.0.0.1
 * unless `WORKER_HOST` says otherwise; who opens it to a network decides who may read these figures.
 */
@Controller('metrics')
export class WorkerMetricsController {
  @Get()
  @ProbeRoute()
  show(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<string> {
    return answerExposition(request, response);
  }
}
