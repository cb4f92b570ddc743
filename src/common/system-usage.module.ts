import { Module } from '@nestjs/common';
import { SystemUsage } from './system-usage.js';

/** One {@link SystemUsage} a process, whichever modules import it. */
@Module({ providers: [SystemUsage], exports: [SystemUsage] })
export class SystemUsageModule {}
