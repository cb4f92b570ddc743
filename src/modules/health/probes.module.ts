import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DependenciesReader } from './dependencies.reader.js';
import { DatabaseIndicator } from './indicators/database.indicator.js';
import { QueueIndicator } from './indicators/queue.indicator.js';
import { RedisIndicator } from './indicators/redis.indicator.js';
import { ProbesController } from './probes.controller.js';
import { ProcessGauges } from './process-gauges.js';
import { ReadinessReader } from './readiness.reader.js';

/** What every process says of itself: whether it lives, whether it is ready. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [ProbesController],
  providers: [
    DatabaseIndicator,
    RedisIndicator,
    QueueIndicator,
    DependenciesReader,
    ReadinessReader,
    ProcessGauges,
  ],
  exports: [DependenciesReader],
})
export class ProbesModule {}
