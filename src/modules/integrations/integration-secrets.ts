import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/secret-box.js';
import type { Integration } from '../../database/entities/integration.entity.js';
import type { Settings } from './integration-settings.js';
import { splitSecrets } from './integration-settings.js';
import type { IntegrationKind } from './kinds/integration-kind.js';

export type StoredSettings = Pick<Integration, 'settings' | 'secrets_encrypted'>;

/** Takes settings apart into what is stored as it is and what is sealed, and puts them together again. */
@Injectable()
export class IntegrationSecretsBox {
  constructor(private readonly box: SecretBox) {}

  seal(kind: IntegrationKind, given: Settings): StoredSettings {
    const { open, secret } = splitSecrets(kind, given);
    return {
      settings: open,
      secrets_encrypted: Object.keys(secret).length > 0 ? this.box.seal(secret) : null,
    };
  }

  /** `undefined` when they were sealed with another `SECRET_KEY`. */
  open({ settings, secrets_encrypted }: StoredSettings): Settings | undefined {
    try {
      const secrets = secrets_encrypted === null ? {} : this.box.open<Settings>(secrets_encrypted);
      return { ...settings, ...secrets };
    } catch {
      return undefined;
    }
  }
}
