import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Requires } from '../../common/access.js';
import { Bare } from '../../common/http/envelope.interceptor.js';
import { ApiMetricsDto } from './dto/api-metrics.dto.js';
import { answerMetrics } from './metrics-answer.js';
import { MetricsReader } from './metrics.reader.js';

const TEXT = { schema: { type: 'string' as const } };

/** For Prometheus. */
@ApiTags('Metrics')
@ApiExtraModels(ApiMetricsDto)
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsReader) {}

  /** Get the metrics of this process, for Prometheus or as JSON. */
  @Get()
  @Requires('read')
  @Bare()
  @Header('Cache-Control', 'no-store')
  @ApiResponse({
    status: 200,
    description: 'The text format of Prometheus; OpenMetrics or JSON when `Accept` asks for it.',
    content: {
      'text/plain': TEXT,
      'application/openmetrics-text': TEXT,
      'application/json': { schema: { $ref: getSchemaPath(ApiMetricsDto) } },
    },
  })
  show(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | ApiMetricsDto> {
    return answerMetrics(request, response, () => this.metrics.read());
  }
}
