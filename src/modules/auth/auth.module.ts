import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKey } from '../../database/entities/api-key.entity.js';
import { Session } from '../../database/entities/session.entity.js';
import { User } from '../../database/entities/user.entity.js';
import { SocketAuthenticator } from '../../realtime/socket-authenticator.js';
import { Authorizer } from '../../common/http/authorizer.js';
import { IngestKeys } from '../../common/ingest-keys.js';
import { ProjectsModule } from '../projects/projects.module.js';
import { AccessAuthorizer } from './access-authorizer.js';
import { AccessGuard } from './access.guard.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysService } from './api-keys.service.js';
import { Authenticator } from './authenticator.js';
import { KeyUsage } from './key-usage.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { SetupController } from './setup.controller.js';
import { SetupService } from './setup.service.js';
import { SocketAuthenticatorService } from './socket-authenticator.service.js';

/** Who calls, and what they may do. Global: its guard stands before every route. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([ApiKey, Session, User]), ProjectsModule],
  controllers: [ApiKeysController, SessionsController, SetupController],
  providers: [
    Authenticator,
    AccessAuthorizer,
    { provide: Authorizer, useExisting: AccessAuthorizer },
    KeyUsage,
    ApiKeysService,
    { provide: IngestKeys, useExisting: ApiKeysService },
    SessionsService,
    SetupService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: SocketAuthenticator, useClass: SocketAuthenticatorService },
  ],
  exports: [Authorizer, SocketAuthenticator, ApiKeysService, IngestKeys, SetupService],
})
export class AuthModule {}
