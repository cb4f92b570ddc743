import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Principal, Requires } from '../../common/access.js';
import { CurrentPrincipal } from '../../common/http/current-principal.js';
import { ApiIdempotencyKey, IdempotencyKey } from '../../common/http/idempotency-key.js';
import { PagingQuery } from '../../common/http/paging.dto.js';
import { UUID } from '../../common/http/validation.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { AddIncidentUpdateDto, ChangeIncidentDto, CreateIncidentDto } from './dto/change-incident.dto.js';
import {
  IncidentDto,
  IncidentListDto,
  IncidentUpdateDto,
  IncidentUpdateListDto,
} from './dto/incident.dto.js';
import { ListIncidentsQuery } from './dto/list-incidents.dto.js';
import { IncidentsReader } from './incidents.reader.js';
import { IncidentsService } from './incidents.service.js';

const TAKEN = {
  status: 409,
  description: 'It cannot be opened again: another incident about the same thing is open. Code: `CONFLICT`.',
};

@ApiTags('Incidents')
@Controller('api/alerts/incidents')
export class IncidentsController {
  constructor(
    private readonly incidents: IncidentsService,
    private readonly reader: IncidentsReader,
  ) {}

  /** List the incidents, the newest first. */
  @Get()
  @Requires('read')
  @ApiEnveloped(IncidentListDto, { description: 'A page of the incidents that match.' })
  list(@Query() query: ListIncidentsQuery): Promise<IncidentListDto> {
    return this.reader.list(query);
  }

  /** Open an incident. */
  @Post()
  @Requires('write')
  @ApiIdempotencyKey()
  @ApiEnveloped(IncidentDto, { status: 201, description: 'The new incident.' })
  async create(
    @Body() given: CreateIncidentDto,
    @CurrentPrincipal() by: Principal,
    @IdempotencyKey() key?: string,
  ): Promise<IncidentDto> {
    return this.reader.get(await this.incidents.create(given, by, key));
  }

  /** Get an incident. */
  @Get(':id')
  @Requires('read')
  @ApiEnveloped(IncidentDto, { description: 'The incident.' })
  get(@Param('id', UUID) id: string): Promise<IncidentDto> {
    return this.reader.get(id);
  }

  /** Change an incident: its status, for one; what is left out stays. */
  @Put(':id')
  @Requires('write')
  @ApiEnveloped(IncidentDto, { description: 'The incident as it is now.' })
  @ApiResponse(TAKEN)
  async update(
    @Param('id', UUID) id: string,
    @Body() given: ChangeIncidentDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<IncidentDto> {
    await this.incidents.change(id, given, by);
    return this.reader.get(id);
  }

  /** Change an incident, exactly like PUT. */
  @Patch(':id')
  @Requires('write')
  @ApiEnveloped(IncidentDto, { description: 'The incident as it is now.' })
  @ApiResponse(TAKEN)
  change(
    @Param('id', UUID) id: string,
    @Body() given: ChangeIncidentDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<IncidentDto> {
    return this.update(id, given, by);
  }

  /** Delete an incident with its timeline. */
  @Delete(':id')
  @Requires('write')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The incident is gone.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.incidents.delete(id);
  }

  /** List what was said about an incident, the newest first. */
  @Get(':id/updates')
  @Requires('read')
  @ApiEnveloped(IncidentUpdateListDto, { description: 'A page of the timeline.' })
  listUpdates(@Param('id', UUID) id: string, @Query() query: PagingQuery): Promise<IncidentUpdateListDto> {
    return this.reader.updates(id, query);
  }

  /** Say something about an incident, and perhaps change its status. */
  @Post(':id/updates')
  @Requires('write')
  @ApiEnveloped(IncidentUpdateDto, { status: 201, description: 'The new entry of the timeline.' })
  @ApiResponse(TAKEN)
  async addUpdate(
    @Param('id', UUID) id: string,
    @Body() given: AddIncidentUpdateDto,
    @CurrentPrincipal() by: Principal,
  ): Promise<IncidentUpdateDto> {
    return this.reader.update(await this.incidents.addUpdate(id, given, by));
  }
}
