import { applyDecorators, Controller, HttpCode, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiForbiddenResponse,
  ApiHeader,
  ApiOkResponse,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Public } from '../../../common/access.js';
import { Bare } from '../../../common/http/envelope.interceptor.js';

/** What both addresses have in common. */
function FromSdks(contentType: string): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    ApiParam({ name: 'project', description: 'Number of the project, as the DSN has it; or its slug.' }),
    ApiQuery({ name: 'sentry_key', required: false, description: 'Public key of the DSN.' }),
    ApiHeader({
      name: 'X-Sentry-Auth',
      required: false,
      description:
        'The same key: `Sentry sentry_version=7, sentry_key=…`. An envelope may name its `dsn` instead.',
    }),
    ApiBody({ schema: { type: 'string' }, description: `As SDKs send it; usually \`${contentType}\`.` }),
    ApiOkResponse({
      description: 'The event is stored.',
      schema: { type: 'object', properties: { id: { type: 'string', description: 'Id of the event.' } } },
    }),
    ApiForbiddenResponse({ description: 'The key is unknown, or may not report for this project.' }),
  );
}

/** Describes the addresses of Sentry’s SDKs in the API document. They answer before a request could get here. */
@ApiTags('Errors')
@Controller('api')
@Public()
@Bare()
export class SentryController {
  /**
   * Take an envelope of a Sentry SDK.
   * @remarks Events, check-ins and client reports are taken in; whatever else it holds is let pass. The answer is sent once all of it is durable. Failures say why in `X-Sentry-Error`, limits in `X-Sentry-Rate-Limits`.
   */
  @Post(':project/envelope')
  @FromSdks('application/x-sentry-envelope')
  envelope(): never {
    return answeredDirectly();
  }

  /** Take one event of an older Sentry SDK: its JSON alone. */
  @Post(':project/store')
  @FromSdks('application/json')
  store(): never {
    return answeredDirectly();
  }
}

function answeredDirectly(): never {
  throw new Error('A direct route answers this address: it is not registered.');
}
