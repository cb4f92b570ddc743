import { Controller, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import { ReportedErrorDto } from '../dto/error.dto.js';
import { ReportErrorDto } from '../dto/report-error.dto.js';
import { ReportedErrorsDto, ReportErrorsDto } from '../dto/report-errors.dto.js';

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

  /**
   * Report many errors.
   * @remarks Each is read like one alone; none is lost for another’s fault. At most 1,000 errors and 8 MiB. 201: all are stored; 207: some are, the results say which. When none is, all for the same reason, that failure is the answer.
   */
  @Post('batch')
  @Requires('report')
  @ApiBody({ type: ReportErrorsDto })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Each error of a request repeated with the same key, of up to 255 characters, is counted once.',
  })
  @ApiEnveloped(ReportedErrorsDto, { status: 201, description: 'What became of each error.' })
  @ApiEnveloped(ReportedErrorsDto, { status: 207, description: 'Some errors were stored, some were not.' })
  reportMany(): never {
    return answeredDirectly();
  }
}

function answeredDirectly(): never {
  throw new Error('A direct route answers this address: it is not registered.');
}
