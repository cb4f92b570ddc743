import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ScrubbingReader } from '../../errors/scrubbing/scrubbing.reader.js';
import { PrivacyTestDto, PrivacyTestResultDto } from '../dto/privacy-test.dto.js';

@ApiTags('Privacy')
@Requires('administer')
@Controller('api/settings/privacy/test')
export class PrivacyTestController {
  constructor(private readonly scrubbing: ScrubbingReader) {}

  /** Try what would be stored of a sample, and which rules change what. Nothing is stored. */
  @Post()
  @HttpCode(200)
  @ApiEnveloped(PrivacyTestResultDto, { description: 'What would be stored.' })
  test(@Body() { sample, settings }: PrivacyTestDto): Promise<PrivacyTestResultDto> {
    return this.scrubbing.preview(sample, settings);
  }
}
