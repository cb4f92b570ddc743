import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal, Right } from '../../common/access.js';
import { CodedException } from '../../common/coded-exception.js';
import { Authorizer } from '../../common/http/authorizer.js';
import { isTrustedOrigin } from '../../common/http/origin.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Authenticator } from './authenticator.js';
import { credentialsOf } from './credentials.js';
import { isApiKey } from './secret-token.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const PUBLIC_KEY = /^[\da-f]{32}$/;

@Injectable()
export class AccessAuthorizer extends Authorizer {
  constructor(
    private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  async authorize(request: IncomingMessage, right: Right | undefined): Promise<Principal> {
    const credentials = credentialsOf(request.headers);
    if (!credentials)
      throw new CodedException(
        'UNAUTHORIZED',
        'Send an API key in X-API-Key or as a bearer token, or sign in.',
      );
    if (credentials.kind === 'session') this.refuseForgery(request);
    const principal = await this.authenticator.authenticate(credentials);
    if (!principal)
      throw new CodedException('UNAUTHORIZED', 'This key or session is unknown, expired or revoked.');
    if (!right || !principal.rights.has(right)) {
      throw new CodedException('FORBIDDEN', `This needs the right to ${right ?? 'nobody has'}.`);
    }
    return principal;
  }

  async authorizePublicKey(publicKey: string): Promise<Principal> {
    const kind = isApiKey(publicKey) ? 'api_key' : PUBLIC_KEY.test(publicKey) ? 'public_key' : undefined;
    const principal = kind && (await this.authenticator.authenticate({ kind, token: publicKey }));
    if (!principal)
      throw new CodedException('FORBIDDEN', 'The key of this DSN is unknown, expired or revoked.');
    if (!principal.rights.has('report'))
      throw new CodedException('FORBIDDEN', 'This needs the right to report.');
    return principal;
  }

  /** A browser sends the cookie for whoever asks: a change must come from our own pages. */
  private refuseForgery(request: IncomingMessage): void {
    const { origin } = request.headers;
    if (SAFE_METHODS.has(request.method!) || origin === undefined) return;
    if (isTrustedOrigin(this.config, origin, request.headers.host)) return;
    throw new CodedException('FORBIDDEN', 'This change was asked for by a page of another origin.');
  }
}
