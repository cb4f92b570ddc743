import { Module } from '@nestjs/common';
import { LedgerReader } from './ledger.reader.js';
import { LossLedger } from './loss-ledger.js';
import { ReportGate } from './report-gate.js';
import { ReportLimits } from './report-limits.js';
import { SpikeGuard } from './spike-guard.js';
import { SpikeStore } from './spike-store.js';
import { SpikesReader } from './spikes.reader.js';

/** What keeps floods in bounds, and what tells of each report that was not stored. For the API process. */
@Module({
  providers: [LedgerReader, LossLedger, ReportGate, ReportLimits, SpikeGuard, SpikeStore, SpikesReader],
  exports: [LedgerReader, LossLedger, ReportGate, SpikesReader],
})
export class VolumeModule {}
