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
  try {
    const config = loadConfig();
    const logger = new StructuredLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name });
    Logger.overrideLogger(logger);
    const app = await start(config);
    stopOnSignal(app, config);
    process.send?.('ready');
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`);
    process.exit(1);
  }
}

/**
 * SIGTERM: readiness turns off, the listener closes, what runs finishes, buffers flush, exit 0.
 * A second signal, or a parent that has gone, does not wait longer.
 */
function stopOnSignal(app: INestApplication, config: Config): void {
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    void drain(app, config, reason);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  // The supervisor of `npm start` was killed: nobody would stop us otherwise.
  process.on('disconnect', () => stop('the supervisor has gone'));
}

async function drain(app: INestApplication, config: Config, reason: string): Promise<void> {
  const logger = new Logger('Process');
  logger.log(`Stopping (${reason})`);
  setTimeout(() => {
    logger.warn(`Not drained after ${config.SHUTDOWN_TIMEOUT} ms; leaving anyway`);
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT).unref();
  app.get(ShutdownState).draining = true;
  await delay(config.SHUTDOWN_DELAY);
  await app.close();
  logger.log('Stopped');
  process.exit(0);
}
