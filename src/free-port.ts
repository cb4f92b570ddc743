import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for the processes of a killed run to notice and leave. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 100;

/** @throws Error that names the setting when the port stays taken */
export async function requireFreePort(setting: string, port: number, host: string): Promise<void> {
  if (port === 0) return;
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isFree(setting, port, host))) {
    if (Date.now() > deadline)
      throw new Error(`Port ${port} is taken by another program. Set ${setting} to a free one.`);
    await delay(RETRY_MS);
  }
}

async function isFree(setting: string, port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return false;
    throw new Error(`Port ${port} on ${host} cannot be opened (${code}). Check ${setting} and its host.`, {
      cause: error,
    });
  } finally {
    server.close();
  }
}
