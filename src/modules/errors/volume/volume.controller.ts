import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { LedgerDto, LedgerQuery } from './dto/ledger.dto.js';
import { ListSpikesQuery, SpikeListDto } from './dto/spike.dto.js';
import { LedgerReader } from './ledger.reader.js';
import { SpikesReader } from './spikes.reader.js';

@ApiTags('Errors')
@Requires('read')
@Controller('api/errors')
export class VolumeController {
  constructor(
    private readonly ledgers: LedgerReader,
    private readonly spikes: SpikesReader,
  ) {}

  /**
   * What became of all reports: stored, refused and why, dropped by the client; and of stored ones, whose occurrences
   * were not kept.
   */
  @Get('ledger')
  @ApiEnveloped(LedgerDto, { description: 'Sums by outcome and reason.' })
  ledger(@Query() query: LedgerQuery): Promise<LedgerDto> {
    return this.ledgers.ledger(query);
  }

  /** List the floods of errors, newest first. */
  @Get('spikes')
  @ApiEnveloped(SpikeListDto, { description: 'A page of the spikes that match.' })
  listSpikes(@Query() query: ListSpikesQuery): Promise<SpikeListDto> {
    return this.spikes.list(query);
  }
}
