import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { PagingQuery } from '../../../common/http/paging.dto.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ChecksReader } from '../statistics/checks.reader.js';
import { CheckDto, CheckListDto, ChecksQuery } from '../statistics/dto/check.dto.js';
import { EndpointChangesDto, EndpointSettingsDto } from './dto/endpoint-settings.dto.js';
import { EndpointDto, EndpointListDto } from './dto/endpoint.dto.js';
import { EndpointsReader } from './endpoints.reader.js';
import { EndpointsService } from './endpoints.service.js';
import { ManualChecksService } from '../manual-checks/manual-checks.service.js';

const NAME_TAKEN = { status: 409, description: 'Another endpoint has this name. Code: `CONFLICT`.' };

@ApiTags('Monitoring')
@Controller('health/api/endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly reader: EndpointsReader,
    private readonly checks: ChecksReader,
    private readonly manual: ManualChecksService,
  ) {}

  /** List the endpoints, by name. */
  @Get()
  @Requires('read')
  @ApiEnveloped(EndpointListDto, { description: 'A page of endpoints, with their state now.' })
  list(@Query() query: PagingQuery): Promise<EndpointListDto> {
    return this.reader.list(query);
  }

  /** Watch an endpoint. It is checked at once. */
  @Post()
  @Requires('write')
  @ApiEnveloped(EndpointDto, { status: 201, description: 'The new endpoint.' })
  async create(@Body() settings: EndpointSettingsDto): Promise<EndpointDto> {
    return this.reader.get(await this.endpoints.create(settings));
  }

  /** Get an endpoint. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint, with its state now.' })
  get(@Param('id', UUID) id: string): Promise<EndpointDto> {
    return this.reader.get(id);
  }

  /** Replace the settings of an endpoint; what is left out gets its default. */
  @Put(':id')
  @Requires('write')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint as it is now.' })
  @ApiResponse(NAME_TAKEN)
  async replace(@Param('id', UUID) id: string, @Body() settings: EndpointSettingsDto): Promise<EndpointDto> {
    await this.endpoints.replace(id, settings);
    return this.reader.get(id);
  }

  /** Change some settings of an endpoint. */
  @Patch(':id')
  @Requires('write')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint as it is now.' })
  @ApiResponse(NAME_TAKEN)
  async change(@Param('id', UUID) id: string, @Body() changes: EndpointChangesDto): Promise<EndpointDto> {
    await this.endpoints.change(id, changes);
    return this.reader.get(id);
  }

  /** Stop watching an endpoint, and forget it. */
  @Delete(':id')
  @Requires('write')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The endpoint is gone.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.endpoints.delete(id);
  }

  /** List the checks of an endpoint, newest first; by default those of the last 24 hours. */
  @Get(':id/checks')
  @Requires('read')
  @ApiEnveloped(CheckListDto, { description: 'A page of checks.' })
  async listChecks(@Param('id', UUID) id: string, @Query() query: ChecksQuery): Promise<CheckListDto> {
    await this.reader.checkable(id);
    return this.checks.list(id, query);
  }

  /** Check an endpoint now and wait for the result. */
  @Post(':id/check')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(CheckDto, { description: 'The result, which is stored like any other.' })
  check(@Param('id', UUID) id: string): Promise<CheckDto> {
    return this.manual.checkOne(id);
  }
}
