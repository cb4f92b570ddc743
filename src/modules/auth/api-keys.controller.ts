import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyDto, ApiKeyListDto, CreateApiKeyDto, CreatedApiKeyDto } from './dto/api-key.dto.js';

@ApiTags('Settings')
@Requires('administer')
@Controller('api/settings/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  /** List the API keys. */
  @Get()
  @ApiEnveloped(ApiKeyListDto, { description: 'All keys, newest first.' })
  async list(): Promise<ApiKeyListDto> {
    return { api_keys: (await this.keys.list()).map((key) => ApiKeyDto.from(key)) };
  }

  /** Make an API key. */
  @Post()
  @ApiEnveloped(CreatedApiKeyDto, { status: 201, description: 'The new key, shown this once.' })
  async create(@Body() wanted: CreateApiKeyDto): Promise<CreatedApiKeyDto> {
    const made = await this.keys.create(wanted);
    return { ...ApiKeyDto.from(made), key: made.key };
  }

  /** Revoke an API key, at once and everywhere. */
  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The key is revoked.' })
  revoke(@Param('id', UUID) id: string): Promise<void> {
    return this.keys.revoke(id);
  }
}
