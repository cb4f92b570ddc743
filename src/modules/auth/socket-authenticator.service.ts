import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/access.js';
import { SocketAuthenticator, type SocketCredentials } from '../../realtime/socket-authenticator.js';
import { Authenticator } from './authenticator.js';
import { credentialsOf } from './credentials.js';

/** Lets sockets in by the same keys and sessions as requests. */
@Injectable()
export class SocketAuthenticatorService extends SocketAuthenticator {
  constructor(private readonly authenticator: Authenticator) {
    super();
  }

  async authenticate({ token, cookie }: SocketCredentials): Promise<Principal | undefined> {
    const credentials = credentialsOf({ 'x-api-key': token, cookie });
    return credentials && this.authenticator.authenticate(credentials);
  }
}
