import type { IncomingMessage } from 'node:http';
import type { Principal, Right } from '../access.js';

/** Says who makes a request, and refuses who may not make it. The one place that decides, for every way in. */
export abstract class Authorizer {
  /** @throws CodedException `UNAUTHORIZED`, `FORBIDDEN` */
  abstract authorize(request: IncomingMessage, right: Right): Promise<Principal>;

  /**
   * Who is behind the key of a DSN: 32 hex digits, or one of our API keys in their place.
   * @throws CodedException `FORBIDDEN` when nobody is, which is what Sentry’s SDKs expect
   */
  abstract authorizePublicKey(publicKey: string): Promise<Principal>;
}
