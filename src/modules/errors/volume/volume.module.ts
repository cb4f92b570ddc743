import { Module } from '@nestjs/common';
import { LossLedger } from './loss-ledger.js';

/** What keeps floods in bounds, and what tells of each report that was not stored. For the API process. */
@Module({ providers: [LossLedger], exports: [LossLedger] })
export class VolumeModule {}
