import { Module } from '@nestjs/common';
import { DirectRoutes } from '../../../common/http/direct/direct-routes.js';
import { ErrorsModule } from '../errors.module.js';
import { OtlpLogsRoute } from './otlp-logs-route.js';
import { OtlpController } from './otlp.controller.js';

/** Errors from programs that speak OpenTelemetry. For the API process. */
@Module({
  imports: [ErrorsModule],
  controllers: [OtlpController],
  providers: [OtlpLogsRoute],
})
export class OtlpModule {
  constructor(direct: DirectRoutes, logs: OtlpLogsRoute) {
    direct.register(logs);
  }
}
