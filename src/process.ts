import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplication, Logger } from '@nestjs/common';
import { ShutdownState } from './common/shutdown-state.js';
import { StructuredLogger } from './common/logger.js';
import { type Config, loadConfig } from './config/config.js';
import { explainStartFailure } from './start-failure.js';

/** Runs the body of a process: settings first, and a failed start in words, not in a stack. */
export async function runProcess(
  name: string,
  start: (config: Config) => Promise<INestApplication>,
): Promise<void> {
  let app: INestApplication | undefined;
  try {
    const config = loadConfig();
    const logger = new StructuredLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name });
    Logger.overrideLogger(logger);
    stopOnSignal((reason) => (app ? drain(app, config, reason) : leave(reason)));
    app = await start(config);
    reportReady();
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    process.exit(1);
  }
}

/** Calls `stop` once. A second signal does not wait for it. */
function stopOnSignal(stop: (reason: string) => Promise<void>): void {
  let stopping = false;
  const once = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    void stop(reason);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => (stopping ? process.exit(1) : once(signal)));
  }
  // The supervisor of `npm start` was killed: nobody would stop us otherwise.
  process.on('disconnect', () => once('the supervisor has gone'));
}

function reportReady(): void {
  if (!process.send) return; // Nobody supervises us.
  if (process.connected) process.send('ready', undefined, undefined, () => undefined);
  else process.emit('disconnect'); // It went before we listened.
}

/** There is nothing to drain before a process serves. */
async function leave(reason: string): Promise<void> {
  new Logger('Process').log(`Stopped while starting (${reason})`);
  Logger.flush(); // Nest holds lines back until it has started.
  process.exit(0);
}

/** Readiness turns off, the listener closes, what runs finishes, buffers flush, exit 0. */
async function drain(app: INestApplication, config: Config, reason: string): Promise<void> {
  const logger = new Logger('Process');
  logger.log(`Stopping (${reason})`);
  setTimeout(() => {
    logger.warn(`Not drained after ${config.SHUTDOWN_TIMEOUT} ms; leaving anyway`);
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT).unref();
  try {
    app.get(ShutdownState).draining = true;
    await delay(config.SHUTDOWN_DELAY);
    await app.close();
    logger.log('Stopped');
    process.exit(0);
  } catch (error) {
    logger.error(`Stopped, but not in order: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
