import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DataSource } from 'typeorm';
import { Requires } from '../../common/access.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { ExportEverythingQuery, ExportKindParameter, ExportQuery, ImportedDto } from './dto/transfer.dto.js';
import { selectedRows } from './exported-kinds.js';
import { withUpload } from './import-file.js';
import { MEDIA_TYPES } from './row-formats.js';
import { sendStream } from './send-stream.js';
import { TransferService } from './transfer.service.js';

@ApiTags('Settings')
@Requires('administer')
@Controller('api')
export class TransferController {
  constructor(
    private readonly transfer: TransferService,
    private readonly dataSource: DataSource,
  ) {}

  /** Export everything, in the format that an import reads. */
  @Get('export')
  @ApiProduces('application/x-ndjson')
  @ApiResponse({ status: 200, description: 'A header, rows and a trailer.', schema: { type: 'string' } })
  async everything(
    @Query() { include_secrets = false }: ExportEverythingQuery,
    @Res() response: Response,
  ): Promise<void> {
    await sendStream(response, this.transfer.everything(include_secrets), {
      contentType: MEDIA_TYPES.ndjson,
      name: 'watchkeep.ndjson',
    });
  }

  /** Export rows of one kind, as a stream, without secrets. */
  @Get('export/:kind')
  @ApiProduces('application/x-ndjson', 'text/csv')
  @ApiResponse({ status: 200, description: 'The rows, one a line.', schema: { type: 'string' } })
  async rows(
    @Param() { kind }: ExportKindParameter,
    @Query() { format, ...bounds }: ExportQuery,
    @Res() response: Response,
  ): Promise<void> {
    const selected = selectedRows(this.dataSource, kind, bounds);
    await sendStream(response, this.transfer.rows(selected, format), {
      contentType: MEDIA_TYPES[format],
      name: `${kind}.${format}`,
    });
  }

  /** Import everything into an empty instance, whole or not at all. */
  @Post('import')
  @HttpCode(200)
  @ApiConsumes('application/x-ndjson', 'application/gzip')
  @ApiBody({ description: 'What an export has written.', schema: { type: 'string', format: 'binary' } })
  @ApiEnveloped(ImportedDto, { description: 'What was taken over.' })
  async import(@Req() request: Request): Promise<ImportedDto> {
    return { counts: await withUpload(request, (path) => this.transfer.import(path)) };
  }
}
