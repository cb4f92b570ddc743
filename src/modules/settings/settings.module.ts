import { Global, Module } from '@nestjs/common';
import { PrivacySettingsController } from './privacy-settings.controller.js';
import { SettingsReader } from './settings.reader.js';
import { SettingsService } from './settings.service.js';

/** What people change while the instance runs: read everywhere, written here. */
@Global()
@Module({
  controllers: [PrivacySettingsController],
  providers: [SettingsReader, SettingsService],
  exports: [SettingsReader],
})
export class SettingsModule {}
