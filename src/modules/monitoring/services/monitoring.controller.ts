import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { Cached, KEEP } from '../../../common/cache/cached.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ServicesDto, UptimeDto } from './dto/services.dto.js';
import { PerformanceDto, TimeframeQuery } from '../system-metrics/dto/system-metrics.dto.js';
import { ServicesReader } from './services.reader.js';
import { SystemMetricsReader } from '../system-metrics/system-metrics.reader.js';

@ApiTags('Monitoring')
@Requires('read')
@Controller('api/monitoring')
export class MonitoringController {
  constructor(
    private readonly servicesReader: ServicesReader,
    private readonly metricsReader: SystemMetricsReader,
  ) {}

  /** Get the health of all services: what Watchkeep needs itself, every integration, and every endpoint. */
  @Get('services')
  @ApiEnveloped(ServicesDto, { description: 'The services and their health as a whole.' })
  services(): Promise<ServicesDto> {
    return this.servicesReader.services();
  }

  /** Get system performance over a time frame. */
  @Get('metrics')
  @Cached({ topic: 'metrics', milliseconds: KEEP.statistics })
  @ApiEnveloped(PerformanceDto, { description: 'System performance over the time frame.' })
  metrics(@Query() { timeframe = '1h' }: TimeframeQuery): Promise<PerformanceDto> {
    return this.metricsReader.performance(timeframe);
  }

  /** Get the uptime of all endpoints together. */
  @Get('uptime')
  @Cached({ topic: 'services', milliseconds: KEEP.statistics })
  @ApiEnveloped(UptimeDto, { description: 'Uptime over the last day, week and month.' })
  uptime(): Promise<UptimeDto> {
    return this.servicesReader.uptime();
  }
}
