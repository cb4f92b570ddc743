import { Module } from '@nestjs/common';
import { ErasuresService } from './erasing/erasures.service.js';
import { PrivacyController } from './privacy.controller.js';

/** What an instance does for the people whose data it holds, in the API. */
@Module({ controllers: [PrivacyController], providers: [ErasuresService] })
export class PrivacyModule {}
