import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../../common/secret-box.js';
import type { EndpointAuth } from '../checkers/checker.js';

/** What is sealed in a row of `endpoints`. */
export interface SealedSecrets {
  headers_encrypted: string | null;
  auth_encrypted: string | null;
  secret_options_encrypted: string | null;
}

export interface EndpointSecrets {
  headers: Record<string, string>;
  auth: EndpointAuth | null;
  /** The secret ones among the options of its kind. */
  secret_options: Record<string, unknown>;
}

/** Seals and opens what endpoints are asked with. Header values count as secrets: which ones are, nobody can tell. */
@Injectable()
export class EndpointSecretsBox {
  constructor(private readonly box: SecretBox) {}

  seal({ headers, auth, secret_options }: EndpointSecrets): SealedSecrets {
    return {
      headers_encrypted: Object.keys(headers).length > 0 ? this.box.seal(headers) : null,
      auth_encrypted: auth ? this.box.seal(auth) : null,
      secret_options_encrypted: Object.keys(secret_options).length > 0 ? this.box.seal(secret_options) : null,
    };
  }

  /** `undefined` when they were sealed with another `SECRET_KEY`. */
  open({
    headers_encrypted,
    auth_encrypted,
    secret_options_encrypted,
  }: SealedSecrets): EndpointSecrets | undefined {
    try {
      return {
        headers: headers_encrypted ? this.box.open<Record<string, string>>(headers_encrypted) : {},
        auth: auth_encrypted ? this.box.open<EndpointAuth>(auth_encrypted) : null,
        secret_options: secret_options_encrypted
          ? this.box.open<Record<string, unknown>>(secret_options_encrypted)
          : {},
      };
    } catch {
      return undefined;
    }
  }
}
