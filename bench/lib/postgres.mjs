import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// Loaded when needed: the benchmarks and their options are listed before anything is installed or built.
const load = {
  pg: async () => (await import('pg')).default,
  embedded: async () => (await import('../../dist/database/embedded-postgres.js')).EmbeddedPostgres,
};

/** A PostgreSQL of our own with the product’s own settings (durable), in a folder that goes with the scope. */
export async function startPostgres(scope) {
  const folder = await mkdtemp(join(tmpdir(), 'watchkeep-bench-'));
  scope.defer(() => rm(folder, { recursive: true, force: true }));
  // The server of a run as root has a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  const EmbeddedPostgres = await load.embedded();
  const starting = EmbeddedPostgres.start({ dataDir: folder, log: () => undefined });
  scope.defer(async () => stop(await starting));
  return starting;
}

/** An open connection, closed with the scope. */
export async function connect(scope, url) {
  const { Client } = await load.pg();
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  scope.defer(() => client.end());
  await client.connect();
  return client;
}

/** Makes an empty database beside the product’s and resolves to its address. */
export async function createDatabase(scope, server, name) {
  const client = await connect(scope, server.url('postgres'));
  await client.query(`CREATE DATABASE ${name}`);
  return server.url(name);
}

/** The server may have put its data elsewhere than we asked (root, with the code out of the server’s reach). */
async function stop(server) {
  const { Client } = await load.pg();
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  const { rows } = await client.query('SHOW data_directory');
  await client.end();
  await server.stop();
  await rm(dirname(rows[0].data_directory), { recursive: true, force: true });
}
