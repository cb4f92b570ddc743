import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { ChosenRetentionDto, RetentionSettingsDto } from './dto/retention-settings.dto.js';
import { RetentionReader } from './retention.reader.js';
import { SettingsService } from './settings.service.js';

@ApiTags('Settings')
@Requires('administer')
@Controller('api/settings/retention')
export class RetentionSettingsController {
  constructor(
    private readonly settings: SettingsService,
    private readonly retention: RetentionReader,
  ) {}

  /** How long what is kept. */
  @Get()
  @ApiEnveloped(RetentionSettingsDto, { description: 'What was chosen, and what holds.' })
  get(): Promise<RetentionSettingsDto> {
    return this.retention.shown();
  }

  /**
   * Change the settings of retention. What is left out stays; null gives a field back to the environment.
   *
   * Old errors go within minutes, other old data with the next clean-up. Nothing that is gone comes back.
   */
  @Put()
  @ApiBody({ type: ChosenRetentionDto })
  @ApiEnveloped(RetentionSettingsDto, { description: 'What was chosen, and what holds.' })
  async put(@Body() body: unknown, @CurrentPrincipal() principal: Principal): Promise<RetentionSettingsDto> {
    await this.settings.write('retention', body, principal);
    return this.retention.shown();
  }
}
