import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BackOff } from './back-off.js';
import { childEnvironment, type Config, loadConfig, publicUrl } from './config/config.js';
import { ConfigurationWatcher } from './configuration-watcher.js';
import { EmbeddedPostgres } from './database/embedded-postgres.js';
import { keptSecretKey } from './kept-secret-key.js';
import { announceInstance, withdrawInstance } from './running-instance.js';
import { requireFreePort } from './free-port.js';
import type { SetupReport } from './setup-report.js';
import { explainStartFailure } from './start-failure.js';
import { Supervisor } from './supervisor.js';

/** Signals this close together are one. */
const SAME_SIGNAL_MS = 1_000;

/** Everything in one: a PostgreSQL of our own unless one is given, the schema, one API and one worker. */
class Standalone {
  private readonly supervisor = new Supervisor(say);
  private readonly stopping = new AbortController();
  private postgres: EmbeddedPostgres | undefined;
  private configuration: ConfigurationWatcher | undefined;
  private readonly postgresBackOff = new BackOff();

  constructor(private readonly config: Config) {}

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    this.stopOnSignals();
    try {
      await this.start();
    } catch (error) {
      if (this.isStopping) return; // What was under way failed because of it.
      complain(error);
      await this.stop(1);
    }
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async start(): Promise<void> {
    const { config } = this;
    await requireFreePort('PORT', config.PORT, config.HOST);
    await requireFreePort('WORKER_PORT', config.WORKER_PORT, config.WORKER_HOST);
    await mkdir(config.DATA_DIR, { recursive: true });
    const environment = childEnvironment(
      {
        DATABASE_URL: config.DATABASE_URL ?? (await this.startPostgres()),
        SECRET_KEY: config.SECRET_KEY ?? (await keptSecretKey(config.DATA_DIR)),
      },
      { LOG_FORMAT: 'pretty', SHUTDOWN_DELAY: '0s' },
    );
    const report = await setUp(environment, this.stopping.signal);
    try {
      await this.startChildren(environment);
      this.stopping.signal.throwIfAborted();
    } catch (error) {
      if (report.api_key) say(keyLines(report.api_key).join('\n'));
      throw error;
    }
    process.stdout.write(banner(config, report));
    if (config.CONFIG_FILE) this.watchConfiguration(config.CONFIG_FILE, environment);
  }

  private watchConfiguration(file: string, environment: NodeJS.ProcessEnv): void {
    this.configuration = new ConfigurationWatcher(file, environment, say);
    this.configuration.start();
  }

  private async startChildren(environment: NodeJS.ProcessEnv): Promise<void> {
    // Look-ups of names take one of these threads each: four that hang would hold up every check.
    const workerEnvironment = { UV_THREADPOOL_SIZE: '64', ...environment };
    await Promise.all([
      this.supervisor.start({ name: 'API', script: 'main.js', environment }),
      this.supervisor.start({ name: 'worker', script: 'worker.js', environment: workerEnvironment }),
    ]);
  }

  /** In order: who uses the database first, then the database. */
  private async stop(exitCode: number): Promise<void> {
    this.stopping.abort();
    this.configuration?.stop();
    await this.supervisor.stop();
    if (this.postgres) await withdrawInstance(this.config.DATA_DIR);
    await this.postgres?.stop();
    say('Stopped.');
    process.exit(exitCode);
  }

  /** A second signal does not wait for anything. One Ctrl-C reaches us twice, from the terminal and through npm. */
  private stopOnSignals(): void {
    let first = 0;
    const onSignal = (): void => {
      if (this.isStopping) {
        if (Date.now() - first > SAME_SIGNAL_MS) this.supervisor.kill();
        return;
      }
      first = Date.now();
      say('Stopping …');
      void this.stop(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  }

  private async startPostgres(): Promise<string> {
    say('Starting PostgreSQL …');
    this.postgres = new EmbeddedPostgres({
      dataDir: this.config.DATA_DIR,
      log: say,
      onUnexpectedExit: () => void this.restartPostgres('PostgreSQL ended'),
    });
    await this.postgres.start();
    await announceInstance(this.config.DATA_DIR, this.postgres.url());
    return this.postgres.url();
  }

  private async restartPostgres(reason: string): Promise<void> {
    if (this.isStopping) return;
    say(`${reason}; starting it again`);
    await delay(this.postgresBackOff.next());
    if (this.isStopping) return;
    try {
      await this.postgres?.launch();
    } catch (error) {
      await this.restartPostgres((error as Error).message);
    }
  }
}

/** Schema, first key and first endpoints, in a process of its own that gives its memory back. */
async function setUp(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<SetupReport> {
  say('Preparing the database …');
  const cli = fileURLToPath(new URL('cli.js', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'setup', '--json'], {
      env: { ...environment, LOG_FORMAT: 'json', LOG_LEVEL: 'error' },
      signal,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as SetupReport;
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || (error as Error).message, {
      cause: error,
    });
  }
}

function banner(config: Config, { setup_url, api_key }: SetupReport): string {
  const url = publicUrl(config);
  const lines = [
    '',
    `  Watchkeep is running.`,
    '',
    `  API and Swagger UI   ${url}/api/docs`,
    `  Health               ${url}/health/ready`,
  ];
  if (setup_url)
    lines.push('', '  Make the owner’s account with this link (it works once):', `    ${setup_url}`);
  if (api_key) lines.push('', ...keyLines(api_key));
  return `${[...lines, '', '  Stop with Ctrl-C.', ''].join('\n')}\n`;
}

function keyLines(key: string): string[] {
  return ['  Your first API key (shown this once):', `    ${key}`];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(error: unknown): void {
  process.stderr.write(`${explainStartFailure(error)}\n`);
}

try {
  await new Standalone(loadConfig()).run();
} catch (error) {
  complain(error);
  process.exit(1);
}
