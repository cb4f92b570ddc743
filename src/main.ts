import { Logger } from '@nestjs/common';
import { createApi } from './api-server.js';
import { publicUrl } from './config/config.js';
import { runProcess } from './process.js';

/** The API process. */
await runProcess('api', async (config) => {
  const app = await createApi(config);
  await app.listen(config.PORT, config.HOST);
  new Logger('Api').log(`Listening on ${publicUrl(config)}`);
  return app;
});
