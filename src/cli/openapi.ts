import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { buildOpenApiDocument } from '../common/openapi/document.js';
import { parseConfig } from '../config/config.js';
import { configurationSchema } from '../configuration/json-schema.js';

/** `watchkeep openapi`: what is generated comes from the built code alone; nothing is connected to. */
export async function writeOpenApi(check: boolean): Promise<string> {
  const files = await generate();
  if (check) return compare(files);
  await Promise.all([...files].map(([name, text]) => writeFile(pathOf(name), text)));
  return `${[...files.keys()].join(' and ')} are written.`;
}

/** Generated text by the name of its file. */
async function generate(): Promise<Map<string, string>> {
  const app = await NestFactory.create(AppModule.forApi(parseConfig({})), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const document = buildOpenApiDocument(app);
  const schema = configurationSchema(document.components?.schemas ?? {});
  return new Map([
    ['openapi/openapi.json', `${JSON.stringify(document, null, 2)}\n`],
    ['openapi/watchkeep.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
  ]);
}

async function compare(files: ReadonlyMap<string, string>): Promise<string> {
  for (const [name, text] of files) {
    const committed = await readFile(pathOf(name), 'utf8').catch(() => '');
    if (committed !== text) throw new Error(`${name} is out of date. Run npm run openapi and commit it.`);
  }
  return `${[...files.keys()].join(' and ')} are up to date.`;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
