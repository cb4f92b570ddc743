import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AnswerCache } from './common/cache/answer-cache.js';
import { Clock } from './common/clock.js';
import { DirectRoutes } from './common/http/direct/direct-routes.js';
import { RequestStatistics } from './common/http/request-statistics.js';
import { SecretBox } from './common/secret-box.js';
import { ShutdownState } from './common/shutdown-state.js';
import { SystemUsage } from './common/system-usage.js';
import { WorkFigures } from './common/work-figures.js';
import { CONFIG, type Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { ErrorFiguresWorkerModule } from './modules/errors/figures/error-figures-worker.module.js';
import { ErrorsModule } from './modules/errors/errors.module.js';
import { OtlpModule } from './modules/errors/otlp/otlp.module.js';
import { MutesWorkerModule } from './modules/errors/life/mutes-worker.module.js';
import { SentryModule } from './modules/errors/sentry/sentry.module.js';
import { VolumeWorkerModule } from './modules/errors/volume/volume-worker.module.js';
import { HealthWorkerModule } from './modules/health/health-worker.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { HomeModule } from './modules/home/home.module.js';
import { IncidentsWorkerModule } from './modules/incidents/incidents-worker.module.js';
import { IncidentsModule } from './modules/incidents/incidents.module.js';
import { IntegrationsWorkerModule } from './modules/integrations/integrations-worker.module.js';
import { IntegrationsModule } from './modules/integrations/integrations.module.js';
import { MaintenanceModule } from './modules/maintenance/maintenance.module.js';
import { MonitoringWorkerModule } from './modules/monitoring/monitoring-worker.module.js';
import { MonitoringModule } from './modules/monitoring/monitoring.module.js';
import { ProjectsModule } from './modules/projects/projects.module.js';
import { PrivacyWorkerModule } from './modules/privacy/privacy-worker.module.js';
import { PrivacyModule } from './modules/privacy/privacy.module.js';
import { RetentionWorkerModule } from './modules/retention/retention-worker.module.js';
import { SettingsWorkerModule } from './modules/settings/settings-worker.module.js';
import { SettingsModule } from './modules/settings/settings.module.js';
import { TransferModule } from './modules/transfer/transfer.module.js';
import { WorkersWorkerModule } from './modules/workers/workers-worker.module.js';
import { WorkersModule } from './modules/workers/workers.module.js';
import { QueuesModule } from './queues/queues.module.js';
import { QueuesWorkerModule } from './queues/queues-worker.module.js';
import { BusModule } from './realtime/bus.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';

/** What every process has one of. */
@Global()
@Module({
  providers: [
    AnswerCache,
    Clock,
    ShutdownState,
    DirectRoutes,
    RequestStatistics,
    SystemUsage,
    WorkFigures,
    {
      provide: SecretBox,
      inject: [CONFIG],
      useFactory: (config: Config) => new SecretBox(requireSecretKey(config)),
    },
  ],
  exports: [
    AnswerCache,
    Clock,
    ShutdownState,
    DirectRoutes,
    RequestStatistics,
    SystemUsage,
    WorkFigures,
    SecretBox,
  ],
})
class ProcessModule {}

/** The only composition root: which modules make an API process, and which a worker. */
@Module({})
export class AppModule {
  static forApi(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ...foundation(config),
        // Its /api/errors/export comes before /api/errors/{id}.
        TransferModule,
        RealtimeModule,
        AuthModule,
        SettingsModule,
        PrivacyModule,
        ErrorsModule,
        OtlpModule,
        SentryModule,
        ProjectsModule,
        HealthModule,
        MonitoringModule,
        MaintenanceModule,
        IntegrationsModule,
        WorkersModule,
        IncidentsModule,
        HomeModule,
      ],
    };
  }

  static forWorker(config: Config): DynamicModule {
    const queues = config.WORKER_QUEUES;
    return {
      module: AppModule,
      imports: [
        ...foundation(config),
        QueuesWorkerModule.forQueues(queues),
        SettingsWorkerModule,
        HealthWorkerModule,
        MonitoringWorkerModule.forQueues(queues, config.WORKER_REGION),
        WorkersWorkerModule,
        ...(queues.includes('background')
          ? [
              ErrorFiguresWorkerModule,
              IntegrationsWorkerModule,
              MutesWorkerModule,
              RetentionWorkerModule,
              PrivacyWorkerModule,
              VolumeWorkerModule,
              IncidentsWorkerModule,
            ]
          : []),
      ],
    };
  }

  /** What makes checks, with no queue to take them from: for a command that makes some and ends. */
  static forChecks(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [...foundation(config), MonitoringWorkerModule.forQueues([], config.WORKER_REGION)],
    };
  }
}

function foundation(config: Config): (DynamicModule | typeof ProcessModule)[] {
  return [ConfigModule.for(config), ProcessModule, DatabaseModule, QueuesModule, BusModule] as (
    DynamicModule | typeof ProcessModule
  )[];
}

function requireSecretKey(config: Config): string {
  if (config.SECRET_KEY) return config.SECRET_KEY;
  throw new Error(
    'SECRET_KEY is not set: stored credentials are encrypted with it. Use the same 32 or more random characters in every process.',
  );
}
