import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { MaintenanceChangesDto, MaintenanceSettingsDto } from './dto/maintenance-settings.dto.js';
import { ListMaintenanceQuery, MaintenanceDto, MaintenanceListDto } from './dto/maintenance.dto.js';
import { MaintenanceReader } from './maintenance.reader.js';
import { MaintenanceService } from './maintenance.service.js';

@ApiTags('Maintenance')
@Controller('api/maintenance')
export class MaintenanceController {
  constructor(
    private readonly windows: MaintenanceService,
    private readonly reader: MaintenanceReader,
  ) {}

  /** List maintenance windows: newest first; with a status, those that are nearest. */
  @Get()
  @Requires('read')
  @ApiEnveloped(MaintenanceListDto, { description: 'A page of windows.' })
  list(@Query() query: ListMaintenanceQuery): Promise<MaintenanceListDto> {
    return this.reader.list(query);
  }

  /** Announce maintenance. What is already due takes effect within a second. */
  @Post()
  @Requires('write')
  @ApiEnveloped(MaintenanceDto, { status: 201, description: 'The new window.' })
  async create(@Body() settings: MaintenanceSettingsDto): Promise<MaintenanceDto> {
    return this.reader.get(await this.windows.create(settings));
  }

  /** Get a maintenance window. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(MaintenanceDto, { description: 'The window.' })
  get(@Param('id', UUID) id: string): Promise<MaintenanceDto> {
    return this.reader.get(id);
  }

  /** Replace the settings of a maintenance window; what is left out gets its default. */
  @Put(':id')
  @Requires('write')
  @ApiEnveloped(MaintenanceDto, { description: 'The window as it is now.' })
  async replace(
    @Param('id', UUID) id: string,
    @Body() settings: MaintenanceSettingsDto,
  ): Promise<MaintenanceDto> {
    await this.windows.replace(id, settings);
    return this.reader.get(id);
  }

  /** Change some settings of a maintenance window. */
  @Patch(':id')
  @Requires('write')
  @ApiEnveloped(MaintenanceDto, { description: 'The window as it is now.' })
  async change(
    @Param('id', UUID) id: string,
    @Body() changes: MaintenanceChangesDto,
  ): Promise<MaintenanceDto> {
    await this.windows.change(id, changes);
    return this.reader.get(id);
  }

  /** End what is in effect now. A recurring window comes back at its next occurrence. */
  @Post(':id/end')
  @Requires('write')
  @HttpCode(200)
  @ApiEnveloped(MaintenanceDto, { description: 'The window as it is now.' })
  @ApiResponse({ status: 409, description: 'The window is not in effect. Code: `CONFLICT`.' })
  async end(@Param('id', UUID) id: string): Promise<MaintenanceDto> {
    await this.windows.end(id);
    return this.reader.get(id);
  }

  /** Delete a maintenance window. What was recorded under it stays. */
  @Delete(':id')
  @Requires('write')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The window is gone.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.windows.delete(id);
  }
}
