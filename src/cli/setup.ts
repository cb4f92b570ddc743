import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Config, publicUrl } from '../config/config.js';
import { ApiKey } from '../database/entities/api-key.entity.js';
import { ApiKeysService } from '../modules/auth/api-keys.service.js';
import { SetupService } from '../modules/auth/setup.service.js';
import { DefaultEndpoints } from '../modules/monitoring/endpoints/default-endpoints.js';
import type { SetupReport } from '../setup-report.js';
import { migrate } from './migrate.js';
import { withApplication } from './with-application.js';

/** `watchkeep setup`: may be run at every start; what is there stays. */
export async function setUp(config: Config, json: boolean): Promise<string> {
  await migrate(config);
  const report = await withApplication(config, (app) => prepare(app, config));
  return json ? JSON.stringify(report) : describe(report);
}

/**
 * The first start is the one that finds no key. What else it makes comes before the key, so that a start that was cut
 * short is taken up by the next one.
 */
async function prepare(app: INestApplicationContext, config: Config): Promise<SetupReport> {
  const first = !(await app.get(DataSource).manager.exists(ApiKey));
  const token = await app.get(SetupService).issueToken();
  return {
    first_start: first,
    setup_url: token ? `${publicUrl(config)}/setup?token=${token}` : null,
    api_key: first ? await firstStart(app, config) : null,
  };
}

async function firstStart(app: INestApplicationContext, config: Config): Promise<string> {
  await app.get(DefaultEndpoints).create(publicUrl(config));
  const { key } = await app.get(ApiKeysService).create({ name: 'First key', permissions: ['admin'] });
  return key;
}

function describe({ setup_url, api_key }: SetupReport): string {
  const lines = ['The database is ready.'];
  if (setup_url) lines.push(`Make the owner’s account with this link (it works once): ${setup_url}`);
  if (api_key) lines.push(`Your first API key (shown this once): ${api_key}`);
  return lines.join('\n');
}
