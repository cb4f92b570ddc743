import { Module } from '@nestjs/common';
import { DirectRoutes } from '../../../common/http/direct/direct-routes.js';
import { MonitoringModule } from '../../monitoring/monitoring.module.js';
import { ProjectsModule } from '../../projects/projects.module.js';
import { ErrorsModule } from '../errors.module.js';
import { VolumeModule } from '../volume/volume.module.js';
import { ProjectSources } from './project-sources.js';
import { SentryController } from './sentry.controller.js';
import { SentryIntake } from './sentry-intake.js';
import { SentryRoutes } from './sentry-routes.js';

/** Sentry’s SDKs report here unchanged. For the API process. */
@Module({
  imports: [ErrorsModule, MonitoringModule, ProjectsModule, VolumeModule],
  controllers: [SentryController],
  providers: [ProjectSources, SentryIntake, SentryRoutes],
})
export class SentryModule {
  constructor(direct: DirectRoutes, sentry: SentryRoutes) {
    direct.register(...sentry.routes);
  }
}
