import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../../common/access.js';
import { CurrentPrincipal } from '../../../common/http/current-principal.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ErrorDetailDto } from '../dto/error.dto.js';
import { ErrorsReader } from '../errors.reader.js';
import { actorOf } from './actor.js';
import { MergeErrorsDto, UnmergeErrorsDto } from './dto/merge-errors.dto.js';
import { ErrorMerging } from './error-merging.service.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorMergingController {
  constructor(
    private readonly merging: ErrorMerging,
    private readonly reader: ErrorsReader,
  ) {}

  /** Merge other errors of the same source into an error. */
  @Post(':id/merge')
  @HttpCode(200)
  @Requires('write')
  @ApiEnveloped(ErrorDetailDto, { description: 'The error with all that is merged into it.' })
  @ApiResponse({
    status: 409,
    description: 'More than 500 errors would be merged into it. Code: `CONFLICT`.',
  })
  async merge(
    @Param('id', UUID) id: string,
    @Body() { ids }: MergeErrorsDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorDetailDto> {
    const { target } = await this.merging.merge(id, ids, actorOf(by));
    return this.reader.get(target);
  }

  /** Take merged errors out again, with all that they were reported with. */
  @Post(':id/unmerge')
  @HttpCode(200)
  @Requires('write')
  @ApiEnveloped(ErrorDetailDto, { description: 'The error with what is still merged into it.' })
  async unmerge(
    @Param('id', UUID) id: string,
    @Body() { ids = [], fingerprints = [] }: UnmergeErrorsDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorDetailDto> {
    const { target } = await this.merging.unmerge(id, { ids, fingerprints }, actorOf(by));
    return this.reader.get(target);
  }
}
