import { Global, Module } from '@nestjs/common';
import { PrivacySettingsController } from './privacy-settings.controller.js';
import { RetentionSettingsController } from './retention-settings.controller.js';
import { RetentionReader } from './retention.reader.js';
import { SettingsReader } from './settings.reader.js';
import { SettingsService } from './settings.service.js';

/** What people change while the instance runs: read everywhere, written here. */
@Global()
@Module({
  controllers: [PrivacySettingsController, RetentionSettingsController],
  providers: [SettingsReader, SettingsService, RetentionReader],
  exports: [SettingsReader, RetentionReader],
})
export class SettingsModule {}
