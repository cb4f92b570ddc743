import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { ExceptionToEnvelopeFilter } from './common/http/exception.filter.js';
import { runProcess } from './process.js';

/** A worker process: it serves the queues of `WORKER_QUEUES`, and its own probes on a small port. */
await runProcess('worker', async (config) => {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forWorker(config), {
    // It throws, and the failure is told in words.
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.useGlobalFilters(new ExceptionToEnvelopeFilter());
  await app.listen(config.WORKER_PORT, config.WORKER_HOST);
  new Logger('Worker').log(`Serving ${config.WORKER_QUEUES.join(', ')}; probes on ${await app.getUrl()}`);
  return app;
});
