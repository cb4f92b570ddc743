import { Body, Controller, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../../common/access.js';
import { ApiEnveloped } from '../../../../common/openapi/enveloped.js';
import {
  GroupingPreviewDto,
  GroupingRulesDto,
  PreviewGroupingBody,
  PutGroupingRulesBody,
} from './grouping-rules.dto.js';
import { GroupingRulesService } from './grouping-rules.service.js';
import { RulesPreview } from './rules-preview.js';

@ApiTags('Errors')
@Controller('api/errors/grouping-rules')
export class GroupingRulesController {
  constructor(
    private readonly service: GroupingRulesService,
    private readonly previewer: RulesPreview,
  ) {}

  /** Get the rules on how errors are grouped. */
  @Get()
  @Requires('read')
  @ApiEnveloped(GroupingRulesDto, { description: 'The rules that hold.' })
  get(): Promise<GroupingRulesDto> {
    return this.service.get();
  }

  /**
   * Replace the rules on how errors are grouped.
   * @remarks Reports that arrive from now on are grouped by them. What is stored stays in the groups that it is in.
   */
  @Put()
  @Requires('write')
  @ApiEnveloped(GroupingRulesDto, { description: 'The rules that hold now.' })
  put(@Body() body: PutGroupingRulesBody): Promise<GroupingRulesDto> {
    return this.service.put(body);
  }

  /** Try rules out on stored occurrences. Nothing is changed. */
  @Post('preview')
  @HttpCode(200)
  @Requires('write')
  @ApiEnveloped(GroupingPreviewDto, { description: 'Which errors would be split or joined.' })
  preview(@Body() body: PreviewGroupingBody): Promise<GroupingPreviewDto> {
    return this.previewer.preview(body);
  }
}
