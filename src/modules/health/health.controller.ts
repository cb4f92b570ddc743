import { Controller, Get, Headers, HttpStatus, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { HealthDocumentDto, HealthFailureDto } from './dto/health-document.dto.js';
import { HealthJsonDto } from './dto/health-json.dto.js';
import { HealthMetricsDto } from './dto/health-metrics.dto.js';
import { HealthDto, StatusDto } from './dto/health.dto.js';
import { HealthDocumentReader } from './health-document.reader.js';
import { answerReport } from './health-report.js';
import { HealthReader } from './health.reader.js';
import { ProbeRoute } from './probe-route.js';

const HEALTH_JSON_CONTENT = { 'application/health+json': { schema: { $ref: getSchemaPath(HealthJsonDto) } } };

/** For people, load balancers and other monitors. */
@ApiTags('Health')
@ApiExtraModels(HealthDocumentDto, HealthFailureDto)
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthReader,
    private readonly documents: HealthDocumentReader,
  ) {}

  /** Tell in short whether the API and its database work. */
  @Get('health')
  @ProbeRoute()
  @ApiOkResponse({ type: HealthDto, description: 'The API works.' })
  @ApiResponse({ status: 503, type: HealthDto, description: 'The database is gone.' })
  async short(@Res({ passthrough: true }) response: Response): Promise<HealthDto> {
    const health = await this.health.health();
    response.status(health.status === 'ok' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return health;
  }

  /** Get figures of the machine, the database and Redis. */
  @Get('health/metrics')
  @ProbeRoute()
  @ApiOkResponse({ type: HealthMetricsDto, description: 'The figures.' })
  metrics(): Promise<HealthMetricsDto> {
    return this.health.metrics();
  }

  /** Get the process, its database and its WebSocket sessions. */
  @Get('status')
  @ProbeRoute()
  @ApiOkResponse({ type: StatusDto, description: 'The status.' })
  status(): Promise<StatusDto> {
    return this.health.status();
  }

  /** Get everything about the health of the API in one document. */
  @Get('api/health')
  @ProbeRoute()
  @ApiResponse({
    status: 200,
    description: 'The API works, though something may be impaired.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(HealthDocumentDto) } },
      ...HEALTH_JSON_CONTENT,
    },
  })
  @ApiResponse({
    status: 500,
    description: 'The database is gone.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(HealthFailureDto) } },
      ...HEALTH_JSON_CONTENT,
    },
  })
  async document(
    @Headers('origin') origin: string | undefined,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<HealthDocumentDto | HealthFailureDto | HealthJsonDto> {
    return answerReport(
      await this.documents.read(origin),
      HttpStatus.INTERNAL_SERVER_ERROR,
      request,
      response,
    );
  }
}
