import type { INestApplication } from '@nestjs/common';
import { createApi } from '../../../src/api-server.js';
import { parseConfig } from '../../../src/config/config.js';

/** The whole API in this process, on a free port. */
export async function startApi(environment: Record<string, string>): Promise<INestApplication> {
  const app = await createApi(
    parseConfig({ SECRET_KEY: 'a secret of thirty-two characters', ...environment }),
  );
  app.useLogger(false);
  await app.listen(0, '127.0.0.1');
  return app;
}
