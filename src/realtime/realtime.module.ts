import { Global, Module } from '@nestjs/common';
import { PlainSocketServer } from './plain-socket.server.js';
import { SocketAdmission } from './socket-admission.js';
import { SocketHub } from './socket-hub.js';
import { SocketIoGateway } from './socket-io.gateway.js';
import { SocketStatistics } from './socket-statistics.js';

/** The sockets of an API process. Who may connect is for the auth module to say ({@link SocketAuthenticator}). */
@Global()
@Module({
  providers: [SocketStatistics, SocketHub, SocketAdmission, SocketIoGateway, PlainSocketServer],
  exports: [SocketHub, SocketStatistics],
})
export class RealtimeModule {}
