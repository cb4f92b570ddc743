import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnvironment, type Config, loadConfig, publicUrl } from './config/config.js';
import { EmbeddedPostgres } from './database/embedded-postgres.js';
import { keptSecretKey } from './kept-secret-key.js';
import { requireFreePort } from './free-port.js';
import type { SetupReport } from './setup-report.js';
import { explainStartFailure } from './start-failure.js';
import { Supervisor } from './supervisor.js';

/** Everything in one: a PostgreSQL of our own unless one is given, the schema, one API and one worker. */
class Standalone {
  private readonly supervisor = new Supervisor(say);
  private postgres: EmbeddedPostgres | undefined;
  private stopping = false;

  constructor(private readonly config: Config) {}

  async start(): Promise<void> {
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
    const report = await setUp(environment);
    await Promise.all([
      this.supervisor.start({ name: 'API', script: 'main.js', environment }),
      this.supervisor.start({ name: 'worker', script: 'worker.js', environment }),
    ]);
    if (!this.stopping) process.stdout.write(banner(config, report));
  }

  /** In order: who uses the database first, then the database. */
  async stop(exitCode: number): Promise<void> {
    this.stopping = true;
    await this.supervisor.stop();
    await this.postgres?.stop();
    say('Stopped.');
    process.exit(exitCode);
  }

  stopOnSignals(): void {
    const onSignal = (): void => {
      if (this.stopping) return this.supervisor.kill();
      say('Stopping …');
      void this.stop(0);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  }

  private async startPostgres(): Promise<string> {
    say('Starting PostgreSQL …');
    this.postgres = await EmbeddedPostgres.start({
      dataDir: this.config.DATA_DIR,
      log: say,
      onUnexpectedExit: () => void this.restartPostgres(),
    });
    return this.postgres.url();
  }

  private async restartPostgres(): Promise<void> {
    if (this.stopping) return;
    say('PostgreSQL ended; starting it again');
    try {
      await this.postgres?.launch();
    } catch (error) {
      complain(error);
      await this.stop(1);
    }
  }
}

/** Schema, first key and first endpoints, in a process of its own that gives its memory back. */
async function setUp(environment: NodeJS.ProcessEnv): Promise<SetupReport> {
  say('Preparing the database …');
  const cli = fileURLToPath(new URL('cli.js', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'setup', '--json'], {
      env: { ...environment, LOG_FORMAT: 'json', LOG_LEVEL: 'error' },
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
  if (api_key) lines.push('', '  Your first API key (shown this once):', `    ${api_key}`);
  return `${[...lines, '', '  Stop with Ctrl-C.', ''].join('\n')}\n`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(error: unknown): void {
  process.stderr.write(`${explainStartFailure(error)}\n`);
}

try {
  const standalone = new Standalone(loadConfig());
  standalone.stopOnSignals();
  await standalone.start().catch(async (error: unknown) => {
    complain(error);
    await standalone.stop(1);
  });
} catch (error) {
  complain(error);
  process.exit(1);
}
