import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import {
  ErrorFiguresDto,
  ErrorFiguresQuery,
  ListTagsQuery,
  TagCompletionsDto,
} from './dto/error-figures.dto.js';
import { FiguresReader } from './figures.reader.js';

@ApiTags('Errors')
@Controller('api/errors')
export class FiguresController {
  constructor(private readonly figures: FiguresReader) {}

  /** List the tags that errors carry, or the values of one: what a search can be completed to. */
  @Get('tags')
  @Requires('read')
  @ApiEnveloped(TagCompletionsDto, { description: 'Names or values, those reported last first.' })
  async tags(@Query() query: ListTagsQuery): Promise<TagCompletionsDto> {
    return { tags: await this.figures.completions(query) };
  }

  /** Get the figures of an error: histogram, affected users, levels, environments, releases and tags. */
  @Get(':id/figures')
  @Requires('read')
  @ApiEnveloped(ErrorFiguresDto, { description: 'The figures.' })
  get(@Param('id', UUID) id: string, @Query() { period }: ErrorFiguresQuery): Promise<ErrorFiguresDto> {
    return this.figures.of(id, period);
  }
}
