import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { buildOpenApiDocument } from '../common/openapi/document.js';
import { parseConfig } from '../config/config.js';

const FILE = fileURLToPath(new URL('../../openapi/openapi.json', import.meta.url));

/** `watchkeep openapi`: the document comes from the built code alone; nothing is connected to. */
export async function writeOpenApi(check: boolean): Promise<string> {
  const app = await NestFactory.create(AppModule.forApi(parseConfig({})), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const document = `${JSON.stringify(buildOpenApiDocument(app), null, 2)}\n`;
  if (!check) {
    await writeFile(FILE, document);
    return 'openapi/openapi.json is written.';
  }
  const committed = await readFile(FILE, 'utf8').catch(() => '');
  if (committed !== document)
    throw new Error('openapi/openapi.json is out of date. Run npm run openapi and commit it.');
  return 'openapi/openapi.json is up to date.';
}
