import { Module } from '@nestjs/common';
import { ErrorsReader } from '../errors.reader.js';
import { ErrorLists } from '../search/error-lists.js';
import { BulkErrors } from './bulk-errors.service.js';
import { ErrorActivityReader } from './error-activity.reader.js';
import { ErrorComments } from './error-comments.service.js';
import { ErrorDeletion } from './error-deletion.service.js';
import { ErrorDiscussionController } from './error-discussion.controller.js';
import { ErrorLifeController } from './error-life.controller.js';
import { ErrorLife } from './error-life.service.js';
import { ErrorMergingController } from './error-merging.controller.js';
import { ErrorMerging } from './error-merging.service.js';
import { ErrorStates } from './error-states.service.js';

/** What people do to errors and say about them. For the API process. */
@Module({
  controllers: [ErrorLifeController, ErrorDiscussionController, ErrorMergingController],
  providers: [
    ErrorsReader,
    ErrorLists,
    ErrorLife,
    ErrorStates,
    ErrorDeletion,
    ErrorMerging,
    BulkErrors,
    ErrorComments,
    ErrorActivityReader,
  ],
})
export class ErrorLifeModule {}
