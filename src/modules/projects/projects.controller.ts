import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
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
  async list(@Query() query: PagingQuery, @CurrentPrincipal() by: Principal): Promise<ProjectListDto> {
    const page = await this.reader.list(query);
    return { ...page, projects: page.projects.map((project) => shownTo(by, project)) };
  }

  /** Make a project, with a key that may only report for it. */
  @Post()
  @Requires('administer')
  @ApiEnveloped(ProjectDto, { status: 201, description: 'The new project. Its DSN can be read again later.' })
  async create(@Body() wanted: CreateProjectDto): Promise<ProjectDto> {
    return this.reader.get(await this.projects.create(wanted));
  }

  /** Look at one project. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(ProjectDto, { description: 'The project.' })
  async get(@Param('id', UUID) id: string, @CurrentPrincipal() by: Principal): Promise<ProjectDto> {
    return shownTo(by, await this.reader.get(id));
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

/** A DSN may report: it is shown to those who may. */
function shownTo({ rights }: Principal, project: ProjectDto): ProjectDto {
  return rights.has('report') ? project : { ...project, dsn: null };
}
