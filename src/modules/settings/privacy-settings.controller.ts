import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { PrivacySettingsDto, SourcePrivacyDto } from './dto/privacy-settings.dto.js';
import { SettingsReader } from './settings.reader.js';
import { SettingsService } from './settings.service.js';

@ApiTags('Settings')
@Requires('administer')
@ApiExtraModels(SourcePrivacyDto)
@Controller('api/settings/privacy')
export class PrivacySettingsController {
  constructor(
    private readonly settings: SettingsService,
    private readonly reader: SettingsReader,
  ) {}

  /** What is taken out of errors before they are stored. */
  @Get()
  @ApiEnveloped(PrivacySettingsDto, { description: 'The settings, defaults included.' })
  get(): Promise<PrivacySettingsDto> {
    return this.reader.read('privacy');
  }

  /**
   * Change the settings of scrubbing. What is left out stays as it is.
   *
   * They hold for errors reported from now on; what is stored stays as it is.
   */
  @Put()
  @ApiBody({ type: PrivacySettingsDto })
  @ApiEnveloped(PrivacySettingsDto, { description: 'The settings as they are now.' })
  put(@Body() body: unknown, @CurrentPrincipal() principal: Principal): Promise<PrivacySettingsDto> {
    return this.settings.write('privacy', body, principal);
  }
}
