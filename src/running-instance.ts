import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config.js';
import { keptSecretKey } from './kept-secret-key.js';

const FILE = 'instance.json';

/** What commands have to know of an `npm start` that is running on a PostgreSQL of its own. */
interface Instance {
  database_url: string;
}

/** Lets commands on this machine find the database, while it runs. */
export async function announceInstance(dataDir: string, databaseUrl: string): Promise<void> {
  const instance: Instance = { database_url: databaseUrl };
  await writeFile(join(dataDir, FILE), `${JSON.stringify(instance)}\n`, { mode: 0o600 });
}

export async function withdrawInstance(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/** Settings for a command: where no database is named, those of the instance that runs on `DATA_DIR`, if one does. */
export async function withRunningInstance(config: Config): Promise<Config> {
  if (config.DATABASE_URL) return config;
  const text = await readFile(join(config.DATA_DIR, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return config;
  return {
    ...config,
    DATABASE_URL: (JSON.parse(text) as Instance).database_url,
    SECRET_KEY: config.SECRET_KEY ?? (await keptSecretKey(config.DATA_DIR)),
  };
}
