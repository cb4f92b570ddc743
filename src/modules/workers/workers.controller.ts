import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../common/access.js';
import { PagingQuery } from '../../common/http/paging.dto.js';
import { ApiEnveloped } from '../../common/openapi/enveloped.js';
import { WorkerListDto } from './dto/worker.dto.js';
import { WorkersReader } from './workers.reader.js';

@ApiTags('Monitoring')
@Controller('api/monitoring/workers')
export class WorkersController {
  constructor(private readonly reader: WorkersReader) {}

  /** List the processes of this installation, API and workers. */
  @Get()
  @Requires('read')
  @ApiEnveloped(WorkerListDto, { description: 'A page of the processes, the newest first.' })
  list(@Query() query: PagingQuery): Promise<WorkerListDto> {
    return this.reader.list(query);
  }
}
