import { Controller, Get, HttpStatus, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { HealthJsonDto, HealthJsonCheckDto } from './dto/health-json.dto.js';
import { LivenessDto, ReadinessDto } from './dto/probes.dto.js';
import { answerReport } from './health-report.js';
import { ProbeRoute } from './probe-route.js';
import { ReadinessReader } from './readiness.reader.js';

const READINESS_CONTENT = {
  'application/json': { schema: { $ref: getSchemaPath(ReadinessDto) } },
  'application/health+json': { schema: { $ref: getSchemaPath(HealthJsonDto) } },
};

/** For orchestrators; served by the API and by every worker. */
@ApiTags('Probes')
@ApiExtraModels(ReadinessDto, HealthJsonDto, HealthJsonCheckDto)
@Controller('health')
export class ProbesController {
  constructor(private readonly probes: ReadinessReader) {}

  /** Tell whether the process is alive. */
  @Get('live')
  @ProbeRoute()
  @ApiOkResponse({ type: LivenessDto, description: 'The process runs.' })
  live(): LivenessDto {
    return this.probes.live();
  }

  /** Tell whether the process should be sent work. */
  @Get('ready')
  @ProbeRoute()
  @ApiResponse({ status: 200, description: 'Ready for work.', content: READINESS_CONTENT })
  @ApiResponse({ status: 503, description: 'Not ready, or stopping.', content: READINESS_CONTENT })
  async ready(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReadinessDto | HealthJsonDto> {
    return answerReport(await this.probes.ready(), HttpStatus.SERVICE_UNAVAILABLE, request, response);
  }
}
