import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';

const EXPORT_REQUEST = {
  type: 'object',
  description: 'An `ExportLogsServiceRequest` of opentelemetry-proto.',
  additionalProperties: true,
} as const;

/** Describes the direct route in the API document. It answers before a request could get here. */
@ApiTags('Errors')
@Controller('v1/logs')
export class OtlpController {
  /**
   * Report errors over OTLP/HTTP.
   * @remarks Log records with an exception, or of severity ERROR and above, are taken in as errors; others are passed over. JSON and protobuf, at most 16 MiB and 20,000 records. Failures are a `google.rpc.Status` in the encoding of the request.
   */
  @Post()
  @HttpCode(200)
  @Requires('report')
  @ApiConsumes('application/json', 'application/x-protobuf')
  @ApiBody({ schema: EXPORT_REQUEST })
  @ApiResponse({
    status: 200,
    description: 'An `ExportLogsServiceResponse`. What was refused for good stands in `partialSuccess`.',
    schema: {
      type: 'object',
      properties: {
        partialSuccess: {
          type: 'object',
          description: 'Left out when nothing was refused.',
          properties: {
            rejectedLogRecords: { type: 'string', description: 'How many records were refused.' },
            errorMessage: { type: 'string', description: 'Why the first of them was.' },
          },
        },
      },
    },
  })
  exportLogs(): never {
    throw new Error('A direct route answers this address: it is not registered.');
  }
}
