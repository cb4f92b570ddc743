import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';

const MAX_MESSAGE_BYTES = 16 * 1024;

/** Socket.IO with our origins, and leaving upgrades of other paths to the plain socket server. */
export class SocketIoAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly origins: boolean | string[],
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    return super.createIOServer(port, {
      ...options,
      cors: { origin: this.origins, credentials: true },
      destroyUpgrade: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      serveClient: false,
    } as ServerOptions);
  }
}
