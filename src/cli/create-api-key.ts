import type { Config } from '../config/config.js';
import { ApiKeysService, type NewApiKey } from '../modules/auth/api-keys.service.js';
import { withApplication } from './with-application.js';

/** `watchkeep create-api-key`: prints the key alone, so that a script can keep it. */
export async function createApiKey(config: Config, wanted: NewApiKey): Promise<string> {
  return withApplication(config, async (app) => (await app.get(ApiKeysService).create(wanted)).key);
}
