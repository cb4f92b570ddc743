import { Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { Cached, KEEP } from '../../common/cache/cached.js';
import { PagingQuery } from '../../common/http/paging.dto.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import {
  ErrorDto,
  ErrorGroupingDto,
  ErrorListDto,
  ErrorOccurrenceListDto,
  ErrorStatusDto,
} from './dto/error.dto.js';
import { ListErrorsQuery } from './dto/list-errors.dto.js';
import { ErrorsReader } from './errors.reader.js';
import { ErrorsService } from './errors.service.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorsController {
  constructor(
    private readonly errors: ErrorsService,
    private readonly reader: ErrorsReader,
  ) {}

  /** List errors. */
  @Get()
  @Cached({ topic: 'errors', milliseconds: KEEP.errorLists })
  @Requires('read')
  @ApiEnveloped(ErrorListDto, { description: 'A page of the errors that match.' })
  list(@Query() query: ListErrorsQuery): Promise<ErrorListDto> {
    return this.reader.list(query);
  }

  /** Get an error. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(ErrorDto, { description: 'The error.' })
  get(@Param('id', UUID) id: string): Promise<ErrorDto> {
    return this.reader.get(id);
  }

  /** List the occurrences of an error, newest first. */
  @Get(':id/occurrences')
  @Requires('read')
  @ApiEnveloped(ErrorOccurrenceListDto, { description: 'A page of the occurrences that are still kept.' })
  occurrences(@Param('id', UUID) id: string, @Query() query: PagingQuery): Promise<ErrorOccurrenceListDto> {
    return this.reader.occurrences(id, query);
  }

  /** Explain why reports were counted as this error. */
  @Get(':id/grouping')
  @Requires('read')
  @ApiEnveloped(ErrorGroupingDto, { description: 'The fingerprint and the text behind it.' })
  grouping(@Param('id', UUID) id: string): Promise<ErrorGroupingDto> {
    return this.reader.grouping(id);
  }

  /** Resolve an error. It is opened again when it comes back. */
  @Put(':id/resolve')
  @Requires('write')
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is resolved.' })
  async resolve(@Param('id', UUID) id: string): Promise<ErrorStatusDto> {
    await this.errors.resolve(id);
    return { status: 'resolved' };
  }

  /** Open a resolved error again. */
  @Put(':id/unresolve')
  @Requires('write')
  @ApiEnveloped(ErrorStatusDto, { description: 'The error is open.' })
  async unresolve(@Param('id', UUID) id: string): Promise<ErrorStatusDto> {
    await this.errors.unresolve(id);
    return { status: 'unresolved' };
  }

  /**
   * Delete an error with its occurrences.
   * @remarks Of more than 10,000 occurrences the oldest can no longer be read, and are removed once they expire.
   */
  @Delete(':id')
  @HttpCode(204)
  @Requires('write')
  @ApiNoContentResponse({ description: 'The error is deleted.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.errors.delete(id);
  }
}
