import { Module } from '@nestjs/common';
import { ProjectRegistry } from '../../common/project-registry.js';
import { ProjectsController } from './projects.controller.js';
import { ProjectsListener } from './projects.listener.js';
import { ProjectsReader } from './projects.reader.js';
import { ProjectsService } from './projects.service.js';
import { StoredProjects } from './stored-projects.js';

/** The programs that report here, and their DSNs. For the API process. */
@Module({
  controllers: [ProjectsController],
  providers: [
    ProjectsService,
    ProjectsReader,
    ProjectsListener,
    StoredProjects,
    { provide: ProjectRegistry, useExisting: StoredProjects },
  ],
  exports: [ProjectsReader, ProjectRegistry],
})
export class ProjectsModule {}
