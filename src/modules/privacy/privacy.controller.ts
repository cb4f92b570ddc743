import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { EraseDto, ErasureDto } from './dto/erasure.dto.js';
import { ErasuresService } from './erasing/erasures.service.js';

@ApiTags('Privacy')
@Requires('administer')
@Controller('api/privacy')
export class PrivacyController {
  constructor(private readonly erasures: ErasuresService) {}

  /**
   * Erase a person from everything that is stored about errors and incidents.
   *
   * A worker does it. Occurrences stay, so that counts stay exact; what names the person becomes `[Erased]`.
   * Stored of the request are who asked, when, and a keyed hash of the identity.
   */
  @Post('erase')
  @HttpCode(202)
  @ApiEnveloped(ErasureDto, { status: 202, description: 'The erasure, which has begun or soon will.' })
  erase(@Body() identity: EraseDto, @CurrentPrincipal() principal: Principal): Promise<ErasureDto> {
    return this.erasures.request(identity, principal);
  }

  /** How far an erasure is. */
  @Get('erasures/:id')
  @ApiEnveloped(ErasureDto, { description: 'The erasure.' })
  get(@Param('id', UUID) id: string): Promise<ErasureDto> {
    return this.erasures.get(id);
  }
}
