import { Module } from '@nestjs/common';
import { ErrorStore } from './storing/error-store.js';
import { ErrorWriter } from './storing/error-writer.js';
import { ErrorsController } from './errors.controller.js';
import { ErrorsListener } from './errors.listener.js';
import { ErrorsReader } from './errors.reader.js';
import { ErrorsService } from './errors.service.js';
import { IdempotencyLedger } from './storing/idempotency-ledger.js';

/** Errors: taken in, grouped, counted, listed and announced. For the API process. */
@Module({
  controllers: [ErrorsController],
  providers: [ErrorsService, ErrorsReader, ErrorsListener, ErrorWriter, ErrorStore, IdempotencyLedger],
  exports: [ErrorsReader],
})
export class ErrorsModule {}
