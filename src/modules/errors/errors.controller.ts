import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { Cached, KEEP } from '../../common/cache/cached.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { PagingQuery } from '../../common/http/paging.dto.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { ErrorDetailDto, ErrorGroupingDto, ErrorListDto, ErrorOccurrenceListDto } from './dto/error.dto.js';
import { ListErrorsQuery } from './dto/list-errors.dto.js';
import { ErrorsReader } from './errors.reader.js';
import { asksForMe } from './search/search-fields.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorsController {
  constructor(private readonly reader: ErrorsReader) {}

  /** List errors. */
  @Get()
  @Cached({ topic: 'errors', milliseconds: KEEP.errorLists, isPersonal: asksForMe })
  @Requires('read')
  @ApiEnveloped(ErrorListDto, { description: 'A page of the errors that match.' })
  list(@Query() query: ListErrorsQuery, @CurrentPrincipal() principal: Principal): Promise<ErrorListDto> {
    return this.reader.list(query, principal);
  }

  /** Get an error. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(ErrorDetailDto, {
    description: 'The error; of a merged one the error that it is merged into.',
  })
  get(@Param('id', UUID) id: string): Promise<ErrorDetailDto> {
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
}
