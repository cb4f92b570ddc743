import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { Cached, KEEP } from '../../common/cache/cached.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import {
  IntegrationDto,
  IntegrationListDto,
  IntegrationSettingsDto,
  IntegrationTestDto,
} from './dto/integration.dto.js';
import { IntegrationProbes } from './integration-probes.service.js';
import { IntegrationsReader } from './integrations.reader.js';
import { IntegrationsService } from './integrations.service.js';

const NAME = { name: 'name', description: 'Its name.', example: 'slack' };

@ApiTags('Settings')
@Requires('administer')
@Controller('api/settings/integrations')
export class IntegrationsController {
  constructor(
    private readonly integrations: IntegrationsService,
    private readonly reader: IntegrationsReader,
    private readonly probes: IntegrationProbes,
  ) {}

  /** List the integrations, and the kinds that could be configured. */
  @Get()
  @Cached({ topic: 'services', milliseconds: KEEP.configuration })
  @ApiEnveloped(IntegrationListDto, {
    description: 'All integrations with their health, without their secrets.',
  })
  list(): Promise<IntegrationListDto> {
    return this.reader.list();
  }

  /** Configure an integration, or replace its settings. It is probed at once. */
  @Put(':name')
  @ApiParam(NAME)
  @ApiEnveloped(IntegrationDto, { description: 'The integration as it is now.' })
  @ApiResponse({ status: 409, description: 'Somebody else has just made it. Code: `CONFLICT`.' })
  async save(@Param('name') name: string, @Body() settings: IntegrationSettingsDto): Promise<IntegrationDto> {
    await this.integrations.save(name, settings);
    return this.reader.get(name);
  }

  /** Forget an integration, its secrets and its history. */
  @Delete(':name')
  @HttpCode(204)
  @ApiParam(NAME)
  @ApiNoContentResponse({ description: 'The integration is gone.' })
  delete(@Param('name') name: string): Promise<void> {
    return this.integrations.delete(name);
  }

  /**
   * Probe an integration now. Nothing is sent to a person.
   *
   * A probe that fails is an answer like any other: `ok` is false, and `error` says what is wrong.
   */
  @Post(':name/test')
  @HttpCode(200)
  @ApiParam(NAME)
  @ApiEnveloped(IntegrationTestDto, { description: 'What the probe found.' })
  test(@Param('name') name: string): Promise<IntegrationTestDto> {
    return this.probes.test(name);
  }
}
