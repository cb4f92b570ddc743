import { Controller, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ReportedErrorDto } from '../dto/error.dto.js';
import { ReportErrorDto } from '../dto/report-error.dto.js';

/** Describes the direct routes in the API document. They answer before a request could get here. */
@ApiTags('Errors')
@Controller('api/errors')
export class IngestController {
  /**
   * Report an error.
   * @remarks Errors that differ only in ids, numbers, line numbers and the like are counted as one. The answer is sent once the report is durable.
   */
  @Post()
  @Requires('report')
  @ApiBody({ type: ReportErrorDto })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A request repeated with the same key, of up to 255 characters, is counted once.',
  })
  @ApiEnveloped(ReportedErrorDto, {
    status: 201,
    description: 'The error that the report was counted under.',
  })
  report(): never {
    return answeredDirectly();
  }
}

function answeredDirectly(): never {
  throw new Error('A direct route answers this address: it is not registered.');
}
