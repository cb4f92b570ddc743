import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../../common/access.js';
import { CurrentPrincipal } from '../../../common/http/current-principal.js';
import { PagingQuery } from '../../../common/http/paging.dto.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import {
  AddErrorCommentDto,
  ErrorActivityListDto,
  ErrorCommentDto,
  ErrorCommentListDto,
} from './dto/error-activity.dto.js';
import { ErrorActivityReader } from './error-activity.reader.js';
import { ErrorComments } from './error-comments.service.js';

@ApiTags('Errors')
@Controller('api/errors')
export class ErrorDiscussionController {
  constructor(
    private readonly comments: ErrorComments,
    private readonly reader: ErrorActivityReader,
  ) {}

  /** List what happened to an error, newest first. */
  @Get(':id/activity')
  @Requires('read')
  @ApiEnveloped(ErrorActivityListDto, { description: 'A page of what happened.' })
  activity(@Param('id', UUID) id: string, @Query() query: PagingQuery): Promise<ErrorActivityListDto> {
    return this.reader.activity(id, query);
  }

  /** List what was said about an error, newest first. */
  @Get(':id/comments')
  @Requires('read')
  @ApiEnveloped(ErrorCommentListDto, { description: 'A page of the comments.' })
  list(@Param('id', UUID) id: string, @Query() query: PagingQuery): Promise<ErrorCommentListDto> {
    return this.reader.comments(id, query);
  }

  /** Say something about an error. */
  @Post(':id/comments')
  @Requires('write')
  @ApiEnveloped(ErrorCommentDto, { status: 201, description: 'The new comment.' })
  async add(
    @Param('id', UUID) id: string,
    @Body() { text }: AddErrorCommentDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<ErrorCommentDto> {
    return this.reader.comment(await this.comments.add(id, text, by));
  }

  /**
   * Take a comment back.
   * @remarks One’s own; who may change settings may remove any.
   */
  @Delete(':id/comments/:comment_id')
  @HttpCode(204)
  @Requires('write')
  @ApiParam({ name: 'comment_id', description: 'Id of the comment.', format: 'uuid' })
  @ApiNoContentResponse({ description: 'The comment is gone.' })
  remove(
    @Param('id', UUID) id: string,
    @Param('comment_id', UUID) commentId: string,
    @CurrentPrincipal() by: Principal,
  ): Promise<void> {
    return this.comments.delete(id, commentId, by);
  }
}
