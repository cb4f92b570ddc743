import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { ErrorsReader } from '../errors/errors.reader.js';
import { ExportErrorsQuery } from './dto/transfer.dto.js';
import { MEDIA_TYPES } from './row-formats.js';
import { sendStream } from './send-stream.js';
import { TransferService } from './transfer.service.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorsExportController {
  constructor(
    private readonly errors: ErrorsReader,
    private readonly transfer: TransferService,
  ) {}

  /** Export errors: all that match, as a stream. */
  @Get('export')
  @Requires('read')
  @ApiProduces('application/x-ndjson', 'text/csv')
  @ApiResponse({ status: 200, description: 'The errors, one a line.', schema: { type: 'string' } })
  async export(
    @Query() { format, ...filter }: ExportErrorsQuery,
    @CurrentPrincipal() principal: Principal,
    @Res() response: Response,
  ): Promise<void> {
    const selected = await this.errors.selected(filter, principal);
    await sendStream(response, this.transfer.rows(selected, format), {
      contentType: MEDIA_TYPES[format],
      name: `errors.${format}`,
    });
  }
}
