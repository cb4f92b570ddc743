import { Global, Module } from '@nestjs/common';
import { RetentionReader } from './retention.reader.js';
import { SettingsReader } from './settings.reader.js';

/** The settings in a worker, which only reads them. */
@Global()
@Module({ providers: [SettingsReader, RetentionReader], exports: [SettingsReader, RetentionReader] })
export class SettingsWorkerModule {}
