import { Module } from '@nestjs/common';
import { ErrorsModule } from '../errors/errors.module.js';
import { ErrorsExportController } from './errors-export.controller.js';
import { TransferController } from './transfer.controller.js';
import { TransferService } from './transfer.service.js';

/** Export and import of everything. For the API process. */
@Module({
  imports: [ErrorsModule],
  controllers: [ErrorsExportController, TransferController],
  providers: [TransferService],
})
export class TransferModule {}
