import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../../common/access.js';
import { CurrentPrincipal } from '../../../common/http/current-principal.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ChecksReader } from '../statistics/checks.reader.js';
import { CheckDto, CheckListDto, ChecksQuery } from '../statistics/dto/check.dto.js';
import { BulkEndpointsService } from './bulk-endpoints.service.js';
import { BulkEndpointsDto, BulkResultDto } from './dto/bulk-endpoints.dto.js';
import { EndpointChangesDto, EndpointSettingsDto } from './dto/endpoint-settings.dto.js';
import { EndpointDto, EndpointListDto } from './dto/endpoint.dto.js';
import { EndpointCloneDto } from './dto/endpoint-clone.dto.js';
import { EndpointTestDto, EndpointTestResultDto } from './dto/endpoint-test.dto.js';
import { EndpointsQuery } from './dto/endpoints-query.dto.js';
import { EndpointTestsService } from './endpoint-tests.service.js';
import { EndpointsReader } from './endpoints.reader.js';
import { EndpointsService } from './endpoints.service.js';
import { ManualChecksService } from '../manual-checks/manual-checks.service.js';

const NAME_TAKEN = { status: 409, description: 'Another endpoint has this name. Code: `CONFLICT`.' };

@ApiTags('Monitoring')
@Controller('health/api/endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly bulk: BulkEndpointsService,
    private readonly tests: EndpointTestsService,
    private readonly reader: EndpointsReader,
    private readonly checks: ChecksReader,
    private readonly manual: ManualChecksService,
  ) {}

  /** List endpoints, by name or in another order. */
  @Get()
  @Requires('read')
  @ApiEnveloped(EndpointListDto, { description: 'A page of endpoints, with their state now.' })
  list(@Query() query: EndpointsQuery, @CurrentPrincipal() caller: Principal): Promise<EndpointListDto> {
    return this.reader.list(query, caller.rights.has('write'));
  }

  /** Watch an endpoint. It is checked at once; one of kind `push` is waited for from its first heartbeat on. */
  @Post()
  @Requires('write')
  @ApiEnveloped(EndpointDto, { status: 201, description: 'The new endpoint.' })
  async create(@Body() settings: EndpointSettingsDto): Promise<EndpointDto> {
    return this.reader.get(await this.endpoints.create(settings), true);
  }

  /** Change, delete or check many endpoints in one go: all of them or, when something is wrong, none. */
  @Post('bulk')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(BulkResultDto, { description: 'How many endpoints were meant, and how many have changed.' })
  changeMany(@Body() given: BulkEndpointsDto): Promise<BulkResultDto> {
    return this.bulk.run(given);
  }

  /** Try settings out: a worker checks with them once, and nothing is stored. */
  @Post('test')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(EndpointTestResultDto, { description: 'What the check found.' })
  test(@Body() settings: EndpointTestDto): Promise<EndpointTestResultDto> {
    return this.tests.test(settings);
  }

  /** Get an endpoint. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint, with its state now.' })
  get(@Param('id', UUID) id: string, @CurrentPrincipal() caller: Principal): Promise<EndpointDto> {
    return this.reader.get(id, caller.rights.has('write'));
  }

  /** Replace the settings of an endpoint; what is left out gets its default. */
  @Put(':id')
  @Requires('write')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint as it is now.' })
  @ApiResponse(NAME_TAKEN)
  async replace(@Param('id', UUID) id: string, @Body() settings: EndpointSettingsDto): Promise<EndpointDto> {
    await this.endpoints.replace(id, settings);
    return this.reader.get(id, true);
  }

  /** Change some settings of an endpoint. */
  @Patch(':id')
  @Requires('write')
  @ApiEnveloped(EndpointDto, { description: 'The endpoint as it is now.' })
  @ApiResponse(NAME_TAKEN)
  async change(@Param('id', UUID) id: string, @Body() changes: EndpointChangesDto): Promise<EndpointDto> {
    await this.endpoints.change(id, changes);
    return this.reader.get(id, true);
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
    await this.reader.assertExists(id);
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

  /** Make another endpoint with the same settings, secrets included. A push endpoint gets an address of its own. */
  @Post(':id/clone')
  @Requires('write')
  @ApiEnveloped(EndpointDto, { status: 201, description: 'The new endpoint.' })
  async clone(@Param('id', UUID) id: string, @Body() { name }: EndpointCloneDto): Promise<EndpointDto> {
    return this.reader.get(await this.endpoints.copy(id, name), true);
  }

  /** Give a push endpoint a new address to report to. The old one stops working at once. */
  @Post(':id/rotate-push-token')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(EndpointDto, { description: 'The endpoint, with its new `push_url`.' })
  async rotatePushToken(@Param('id', UUID) id: string): Promise<EndpointDto> {
    await this.endpoints.rotatePushToken(id);
    return this.reader.get(id, true);
  }
}
