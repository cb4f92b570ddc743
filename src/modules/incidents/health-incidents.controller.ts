import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { IncidentListDto } from './dto/incident.dto.js';
import { ListIncidentsQuery } from './dto/list-incidents.dto.js';
import { IncidentsReader } from './incidents.reader.js';

@ApiTags('Incidents')
@Controller('health/api/incidents')
export class HealthIncidentsController {
  constructor(private readonly reader: IncidentsReader) {}

  /** List the incidents, as under `/api/alerts/incidents`. */
  @Get()
  @Requires('read')
  @ApiEnveloped(IncidentListDto, { description: 'A page of the incidents that match.' })
  list(@Query() query: ListIncidentsQuery): Promise<IncidentListDto> {
    return this.reader.list(query);
  }
}
