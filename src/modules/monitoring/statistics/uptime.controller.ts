import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ResponseTimesDto, ResponseTimesQuery } from './dto/response-times.dto.js';
import { StateIntervalListDto, StatesQuery } from './dto/states.dto.js';
import { EndpointUptimeDto, UptimeBarsListDto, UptimeQuery } from './dto/uptime.dto.js';
import { EndpointUptimeReader } from './endpoint-uptime.reader.js';
import { ResponseTimesReader } from './response-times.reader.js';
import { StateIntervalsReader } from './state-intervals.reader.js';
import { UptimeBarsReader } from './uptime-bars.reader.js';

@ApiTags('Monitoring')
@Controller('health/api')
export class UptimeController {
  constructor(
    private readonly uptimes: EndpointUptimeReader,
    private readonly bars: UptimeBarsReader,
    private readonly times: ResponseTimesReader,
    private readonly intervals: StateIntervalsReader,
  ) {}

  /** List endpoints with the uptime of each of their last days. */
  @Get('uptime')
  @Requires('read')
  @ApiEnveloped(UptimeBarsListDto, { description: 'A page of endpoints, by name, with their days.' })
  listUptime(@Query() query: UptimeQuery): Promise<UptimeBarsListDto> {
    return this.bars.read(query);
  }

  /** Get the uptime of an endpoint over 24 hours, 7, 30 and 90 days, a year, and by month. */
  @Get('endpoints/:id/uptime')
  @Requires('read')
  @ApiEnveloped(EndpointUptimeDto, { description: 'Its uptime, with how much of the time was measured.' })
  uptime(@Param('id', UUID) id: string): Promise<EndpointUptimeDto> {
    return this.uptimes.read(id);
  }

  /** Get the response times of an endpoint as a series; by default those of the last 24 hours. */
  @Get('endpoints/:id/response-times')
  @Requires('read')
  @ApiEnveloped(ResponseTimesDto, { description: 'The series, and the percentiles of the whole time.' })
  responseTimes(
    @Param('id', UUID) id: string,
    @Query() query: ResponseTimesQuery,
  ): Promise<ResponseTimesDto> {
    return this.times.read(id, query);
  }

  /** List the state intervals of an endpoint, newest first. */
  @Get('endpoints/:id/states')
  @Requires('read')
  @ApiEnveloped(StateIntervalListDto, { description: 'A page of state intervals.' })
  states(@Param('id', UUID) id: string, @Query() query: StatesQuery): Promise<StateIntervalListDto> {
    return this.intervals.list(id, query);
  }
}
