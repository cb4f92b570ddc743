import { once } from 'node:events';
import { createServer } from 'node:net';
import { Child, runToEnd } from './child.mjs';

const dist = (script) => new URL(`../../dist/${script}`, import.meta.url);

/** The real product on a migrated database: an API process, a worker process and an admin key. */
export async function startProduct(scope, databaseUrl) {
  const settings = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: '',
    SECRET_KEY: 'benchmark-secret-key-of-more-than-32-characters',
    HOST: '127.0.0.1',
    SHUTDOWN_DELAY: '0s',
    // Nothing but loopback is reached, not even to see whether the network is there.
    WITNESS_TARGETS: 'none',
    // A benchmark is a flood.
    ERROR_LIMIT_PER_KEY: '0',
    OCCURRENCE_BUDGET: '1000000',
    SPIKE_PROTECTION: 'false',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    NODE_ENV: 'production',
  };
  const cli = (...args) => runToEnd(scope, dist('cli.js'), { args, env: settings });
  await cli('migrate');
  const key = await cli('create-api-key', '--name', 'benchmark', '--permissions', 'admin');
  const port = await freePort();
  const startWorker = async () =>
    Child.start(scope, dist('worker.js'), { env: { ...settings, WORKER_PORT: String(await freePort()) } });
  const [api, worker] = await Promise.all([
    Child.start(scope, dist('main.js'), { env: { ...settings, PORT: String(port) } }),
    startWorker(),
  ]);
  return { api, worker, key, port, startWorker };
}

/** What the product complained about in its logs: a good run has nothing here. */
export function complaintsOf({ api, worker }) {
  return [api, worker].flatMap((child) => child.output.split('\n').filter((line) => line !== ''));
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
