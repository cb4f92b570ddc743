import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public, Requires } from '../../../common/access.js';
import { Cached, KEEP } from '../../../common/cache/cached.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { HealthCheckRunDto, RunHealthChecksDto } from './dto/check.dto.js';
import { OverviewDto } from '../services/dto/services.dto.js';
import { SystemMetricsDto } from '../system-metrics/dto/system-metrics.dto.js';
import { ManualChecksService } from '../manual-checks/manual-checks.service.js';
import { OverviewReader } from './overview.reader.js';
import { SystemMetricsReader } from '../system-metrics/system-metrics.reader.js';

@ApiTags('Monitoring')
@Controller('health/api')
export class HealthApiController {
  constructor(
    private readonly overviewReader: OverviewReader,
    private readonly metricsReader: SystemMetricsReader,
    private readonly manual: ManualChecksService,
  ) {}

  /** Get the state of everything public, in numbers. Needs no key. */
  @Get('overview')
  @Public()
  @ApiEnveloped(OverviewDto, {
    description: 'How many public endpoints are in which state, and their uptime.',
  })
  overview(): Promise<OverviewDto> {
    return this.overviewReader.read();
  }

  /** Get the system metrics of the last 24 hours. */
  @Get('metrics')
  @Cached({ topic: 'metrics', milliseconds: KEEP.statistics })
  @Requires('read')
  @ApiEnveloped(SystemMetricsDto, { description: 'The newest sample, means, and the samples themselves.' })
  metrics(): Promise<SystemMetricsDto> {
    return this.metricsReader.read();
  }

  /** Check one endpoint, or all that are enabled, now and wait for the results. */
  @Post('run-health-checks')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(HealthCheckRunDto, { description: 'The results, which are stored like any other.' })
  runHealthChecks(@Body() wanted: RunHealthChecksDto): Promise<HealthCheckRunDto> {
    return this.manual.run(wanted);
  }
}
