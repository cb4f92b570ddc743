import type { Principal } from '../common/access.js';

/** What a socket presents when it connects. */
export interface SocketCredentials {
  /** An API key. */
  token?: string;
  /** The Cookie header of the handshake. */
  cookie?: string;
}

/** Says who connects. The auth module implements it. */
export abstract class SocketAuthenticator {
  /** Undefined when the credentials are not good. */
  abstract authenticate(credentials: SocketCredentials): Promise<Principal | undefined>;
}
