import { Module } from '@nestjs/common';
import { DirectRoutes } from '../../common/http/direct/direct-routes.js';
import { ErrorsController } from './errors.controller.js';
import { ErrorsListener } from './errors.listener.js';
import { ErrorsReader } from './errors.reader.js';
import { BatchRoute } from './ingest/batch-route.js';
import { GroupingRulesController } from './grouping/rules/grouping-rules.controller.js';
import { GroupingRulesService } from './grouping/rules/grouping-rules.service.js';
import { RuleBook } from './grouping/rules/rule-book.js';
import { RulesPreview } from './grouping/rules/rules-preview.js';
import { FiguresController } from './figures/figures.controller.js';
import { FiguresReader } from './figures/figures.reader.js';
import { ErrorIntake } from './ingest/error-intake.js';
import { IngestController } from './ingest/ingest.controller.js';
import { ReportRoute } from './ingest/report-route.js';
import { Scrubber } from './scrubbing/scrubber.js';
import { ErrorLifeModule } from './life/error-life.module.js';
import { SourceMapsModule } from './source-maps/source-maps.module.js';
import { ErrorLists } from './search/error-lists.js';
import { Aliases } from './storing/aliases.js';
import { ErrorStore } from './storing/error-store.js';
import { ErrorWriter } from './storing/error-writer.js';
import { Releases } from './storing/releases.js';
import { VolumeController } from './volume/volume.controller.js';
import { VolumeModule } from './volume/volume.module.js';

/** Errors: taken in, grouped, counted, listed and announced. For the API process. */
@Module({
  imports: [ErrorLifeModule, SourceMapsModule, VolumeModule],
  // Before the routes with an id, which would take `grouping-rules` for one.
  controllers: [
    FiguresController,
    VolumeController,
    GroupingRulesController,
    IngestController,
    ErrorsController,
  ],
  providers: [
    ErrorsReader,
    ErrorLists,
    FiguresReader,
    ErrorsListener,
    ErrorIntake,
    Scrubber,
    RuleBook,
    GroupingRulesService,
    RulesPreview,
    ReportRoute,
    BatchRoute,
    ErrorWriter,
    ErrorStore,
    Aliases,
    Releases,
  ],
  exports: [ErrorsReader, ErrorIntake],
})
export class ErrorsModule {
  constructor(direct: DirectRoutes, report: ReportRoute, batch: BatchRoute) {
    direct.register(report, batch);
  }
}
