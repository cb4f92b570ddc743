import { Module } from '@nestjs/common';
import { LossLedger } from './loss-ledger.js';
import { ReportGate } from './report-gate.js';
import { ReportLimits } from './report-limits.js';
import { SpikeGuard } from './spike-guard.js';
import { SpikeStore } from './spike-store.js';

/** What keeps floods in bounds, and what tells of each report that was not stored. For the API process. */
@Module({
  providers: [LossLedger, ReportGate, ReportLimits, SpikeGuard, SpikeStore],
  exports: [LossLedger, ReportGate],
})
export class VolumeModule {}
