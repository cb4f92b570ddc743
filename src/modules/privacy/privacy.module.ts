import { Module } from '@nestjs/common';
import { ScrubbingReader } from '../errors/scrubbing/scrubbing.reader.js';
import { ErasuresService } from './erasing/erasures.service.js';
import { PrivacyController } from './privacy.controller.js';
import { PrivacyTestController } from './testing/privacy-test.controller.js';
import { PrivacyTestForm } from './testing/privacy-test-form.js';
import { PrivacyTestPageController } from './testing/privacy-test-page.controller.js';

/** What an instance does for the people whose data it holds, in the API. */
@Module({
  controllers: [PrivacyController, PrivacyTestController, PrivacyTestPageController],
  providers: [ErasuresService, PrivacyTestForm, ScrubbingReader],
})
export class PrivacyModule {}
