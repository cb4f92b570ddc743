import { Module } from '@nestjs/common';
import { DirectRoutes } from '../../../common/http/direct/direct-routes.js';
import { SourceMapFinder } from './source-map-finder.js';
import { SourceMapStore } from './source-map-store.js';
import { SourceMaps } from './source-maps.js';
import { SourceMapsController } from './source-maps.controller.js';
import { UploadRoute } from './upload-route.js';

/** Source maps: uploaded, kept, applied to what minified scripts report. For the API process. */
@Module({
  controllers: [SourceMapsController],
  providers: [SourceMapStore, SourceMapFinder, SourceMaps, UploadRoute],
  exports: [SourceMaps],
})
export class SourceMapsModule {
  constructor(direct: DirectRoutes, upload: UploadRoute) {
    direct.register(upload);
  }
}
