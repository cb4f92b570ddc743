import { Global, Module } from '@nestjs/common';
import { SettingsReader } from './settings.reader.js';

/** The settings in a worker, which only reads them. */
@Global()
@Module({ providers: [SettingsReader], exports: [SettingsReader] })
export class SettingsWorkerModule {}
