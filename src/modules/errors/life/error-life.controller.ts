import { Body, Controller, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../../common/access.js';
import { CurrentPrincipal } from '../../../common/http/current-principal.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ErrorStatusDto } from '../dto/error.dto.js';
import { BulkErrors } from './bulk-errors.service.js';
import { BulkErrorsDto, BulkErrorsResultDto } from './dto/bulk-errors.dto.js';
import { AssignErrorDto, ErrorAssignmentDto, MuteErrorDto, ResolveErrorDto } from './dto/change-error.dto.js';
import { ErrorDeletion } from './error-deletion.service.js';
import { ErrorLife } from './error-life.service.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorLifeController {
  constructor(
    private readonly life: ErrorLife,
    private readonly deletion: ErrorDeletion,
    private readonly bulk: BulkErrors,
  ) {}

  /**
   * Do the same to many errors.
   * @remarks By filter it changes at most 10,000 errors, and stops after ten seconds: `more` says whether to send it again.
   */
  @Post('bulk')
  @HttpCode(200)
  @Requires('write')
  @ApiEnveloped(BulkErrorsResultDto, { description: 'How many errors it made a difference to.' })
  changeMany(
    @Body() request: BulkErrorsDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<BulkErrorsResultDto> {
    return this.bulk.run(request, by);
  }

  /** Resolve an error, now or in its next release. It is opened again when it comes back. */
  @Put(':id/resolve')
  @Requires('write')
  @ApiBody({ type: ResolveErrorDto, required: false })
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is resolved.' })
  resolve(
    @Param('id', UUID) id: string,
    @Body() options: ResolveErrorDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorStatusDto> {
    return this.life.resolve(id, options, by);
  }

  /** Open a resolved error again. */
  @Put(':id/unresolve')
  @Requires('write')
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is open.' })
  unresolve(@Param('id', UUID) id: string, @CurrentPrincipal() by: Principal): Promise<ErrorStatusDto> {
    return this.life.unresolve(id, by);
  }

  /** Mute an error: it is counted and kept, but not announced, until a time, a number of occurrences or a rate. */
  @Put(':id/mute')
  @Requires('write')
  @ApiBody({ type: MuteErrorDto, required: false })
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is muted.' })
  mute(
    @Param('id', UUID) id: string,
    @Body() options: MuteErrorDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorStatusDto> {
    return this.life.mute(id, options, by);
  }

  /** Announce a muted error again. */
  @Put(':id/unmute')
  @Requires('write')
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is open, or resolved if it was.' })
  unmute(@Param('id', UUID) id: string, @CurrentPrincipal() by: Principal): Promise<ErrorStatusDto> {
    return this.life.unmute(id, by);
  }

  /** Say who looks into an error. */
  @Put(':id/assign')
  @Requires('write')
  @ApiEnveloped(ErrorAssignmentDto, { description: 'Who looks into it now.' })
  assign(
    @Param('id', UUID) id: string,
    @Body() options: AssignErrorDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorAssignmentDto> {
    return this.life.assign(id, options, by);
  }

  /**
   * Delete an error with its occurrences, and with all that is merged into it.
   * @remarks Of more than 10,000 occurrences the oldest can no longer be read, and are removed once they expire.
   */
  @Delete(':id')
  @HttpCode(204)
  @Requires('write')
  @ApiNoContentResponse({ description: 'The error is deleted.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.deletion.delete(id);
  }
}
