import { Global, Module } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Clock } from '../../../src/common/clock.js';
import { EnvelopeInterceptor } from '../../../src/common/http/envelope.interceptor.js';
import { ExceptionToEnvelopeFilter } from '../../../src/common/http/exception.filter.js';
import { requestEdge } from '../../../src/common/http/request-edge.js';
import { RequestStatistics } from '../../../src/common/http/request-statistics.js';
import { SecretBox } from '../../../src/common/secret-box.js';
import { ShutdownState } from '../../../src/common/shutdown-state.js';
import { SystemUsage } from '../../../src/common/system-usage.js';
import { parseConfig } from '../../../src/config/config.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { AuthModule } from '../../../src/modules/auth/auth.module.js';
import { HealthModule } from '../../../src/modules/health/health.module.js';
import { QueuesModule } from '../../../src/queues/queues.module.js';
import { BusModule } from '../../../src/realtime/bus.module.js';
import { RealtimeModule } from '../../../src/realtime/realtime.module.js';

@Global()
@Module({
  providers: [
    Clock,
    ShutdownState,
    RequestStatistics,
    SystemUsage,
    { provide: SecretBox, useValue: new SecretBox('x') },
  ],
  exports: [Clock, ShutdownState, RequestStatistics, SystemUsage, SecretBox],
})
class ProcessModule {}

export async function startApi(
  environment: Record<string, string | undefined>,
): Promise<NestExpressApplication> {
  const config = parseConfig({ SECRET_KEY: 'a secret of thirty-two characters', ...environment });
  class Root {}
  const app = await NestFactory.create<NestExpressApplication>(
    {
      module: Root,
      imports: [
        ConfigModule.for(config),
        ProcessModule,
        DatabaseModule,
        QueuesModule,
        BusModule,
        RealtimeModule,
        AuthModule,
        HealthModule,
      ],
    } as never,
    { logger: false, abortOnError: false },
  );
  app.use(requestEdge(app.get(RequestStatistics)));
  app.useGlobalInterceptors(new EnvelopeInterceptor(app.get(Reflector)));
  app.useGlobalFilters(new ExceptionToEnvelopeFilter());
  await app.listen(0, '127.0.0.1');
  return app;
}
