import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { PagingQuery } from '../../common/http/paging.dto.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { CreateProjectDto, ProjectChangesDto, ProjectDto, ProjectListDto } from './dto/project.dto.js';
import { ProjectsReader } from './projects.reader.js';
import { ProjectsService } from './projects.service.js';

@ApiTags('Projects')
@Controller('api/projects')
export class ProjectsController {
  constructor(
    private readonly projects: ProjectsService,
    private readonly reader: ProjectsReader,
  ) {}

  /** List the projects, with their DSNs. */
  @Get()
  @Requires('read')
  @ApiEnveloped(ProjectListDto, { description: 'A page of the projects, by name.' })
  list(@Query() query: PagingQuery): Promise<ProjectListDto> {
    return this.reader.list(query);
  }

  /** Make a project, with a key that may only report for it. */
  @Post()
  @Requires('write')
  @ApiEnveloped(ProjectDto, { status: 201, description: 'The new project. Its DSN can be read again later.' })
  async create(@Body() wanted: CreateProjectDto): Promise<ProjectDto> {
    return this.reader.get(await this.projects.create(wanted));
  }

  /** Look at one project. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(ProjectDto, { description: 'The project.' })
  get(@Param('id', UUID) id: string): Promise<ProjectDto> {
    return this.reader.get(id);
  }

  /** Change the name or the platform of a project. */
  @Patch(':id')
  @Requires('write')
  @ApiEnveloped(ProjectDto, { description: 'The project as it is now.' })
  async change(@Param('id', UUID) id: string, @Body() changes: ProjectChangesDto): Promise<ProjectDto> {
    await this.projects.change(id, changes);
    return this.reader.get(id);
  }

  /** Remove a project and revoke its keys. Its errors stay. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('administer')
  @ApiNoContentResponse({ description: 'The project is gone, and its DSN reports no more.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.projects.delete(id);
  }
}
