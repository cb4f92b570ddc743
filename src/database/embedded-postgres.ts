import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type Cluster, locateCluster } from './embedded-cluster.js';
import { runTool } from './embedded-tools.js';

const USER = 'watchkeep';
const DATABASE = 'watchkeep';
const START_TIMEOUT_MS = 60_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** Held by the process that runs the server, on a connection of its own: it goes when that process goes. */
const OWNER_LOCK = 7_230_002;

export interface EmbeddedPostgresOptions {
  /** Folder for the data; made when it is not there. */
  dataDir: string;
  /** Told what happens, one line a time. */
  log: (line: string) => void;
  /** Called when the server ends without having been asked to. */
  onUnexpectedExit?: () => void;
  /** More settings for the server, `name=value`. */
  settings?: readonly string[];
}

/**
 * A real PostgreSQL server of our own, from binaries that come with the npm packages. It listens on a Unix socket
 * only, in a folder that nobody else may enter, so there is no port to collide with and no password to keep.
 */
export class EmbeddedPostgres {
  private located: Cluster | undefined;
  private process: ChildProcess | undefined;
  private spawnError: Error | undefined;
  private ownership: pg.Client | undefined;
  /** The start under way, or the last one. */
  private starting: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly options: EmbeddedPostgresOptions) {}

  /** A server that is running. Who must be able to stop it while it starts makes one with `new`. */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const server = new EmbeddedPostgres(options);
    await server.start();
    return server;
  }

  /** @throws Error in words for a person: another Watchkeep owns the folder, no user to run as, … */
  start(): Promise<void> {
    return this.begin(async () => {
      this.located = await locateCluster(this.options.dataDir, this.options.log);
      this.failIfStopping();
      await this.create();
      this.failIfStopping();
      await this.stopOrphan();
      this.failIfStopping();
      await this.run();
    });
  }

  /** Connection string of one of its databases. */
  url(database = DATABASE): string {
    return `postgresql://${USER}@localhost/${database}?host=${encodeURIComponent(this.cluster.socketDir)}`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  private get cluster(): Cluster {
    if (!this.located) throw new Error('PostgreSQL has not been started.');
    return this.located;
  }

  /** Starts the server again. Resolves when it accepts connections. */
  launch(): Promise<void> {
    return this.begin(() => this.run());
  }

  /** A fast shutdown: connections are cut, everything committed is kept. Also ends a start that is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.starting.catch(() => undefined);
    await this.ownership?.end().catch(() => undefined);
    const server = this.process;
    if (!server || !isRunning(server)) return;
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await exited;
  }

  private begin(work: () => Promise<void>): Promise<void> {
    this.stopping = false;
    this.starting = work();
    return this.starting;
  }

  private failIfStopping(): void {
    if (this.stopping) throw new Error('PostgreSQL was stopped while it started.');
  }

  private async run(): Promise<void> {
    const log = await this.openLog();
    const { dataPath, socketDir, user } = this.cluster;
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${socketDir}`,
      'unix_socket_permissions=0700',
    ];
    const flags = [...settings, 'log_checkpoints=off', ...(this.options.settings ?? [])].flatMap(
      (setting) => ['-c', setting],
    );
    // A process group of its own: Ctrl-C in the terminal must reach the supervisor only, which stops things in order.
    const server = spawn(this.cluster.binaries.postgres, ['-D', dataPath, ...flags], {
      ...user,
      cwd: this.cluster.root,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.process = server;
    this.spawnError = undefined;
    server.on('error', (error) => (this.spawnError = error));
    try {
      await this.untilReady(server);
      await this.claim();
    } catch (error) {
      server.kill('SIGINT');
      throw error;
    }
    // One that ends before it is ready has failed to start, which is for the caller to handle.
    server.once('exit', () => this.exited());
    if (!isRunning(server)) this.exited();
  }

  /** Initialises in a folder beside and renames it, so that an interrupted start leaves nothing half made. */
  private async create(): Promise<void> {
    const { dataPath, root, socketDir, user, binaries } = this.cluster;
    for (const folder of [root, socketDir]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (user) await chown(folder, user.uid, user.gid);
    }
    const version = await readFile(join(dataPath, 'PG_VERSION'), 'utf8').catch(() => undefined);
    if (version !== undefined) return assertSameVersion(version.trim(), binaries.majorVersion, dataPath);

    this.options.log(`Creating a PostgreSQL ${binaries.majorVersion} database in ${dataPath}`);
    const draft = `${dataPath}.new`;
    await rm(draft, { recursive: true, force: true });
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    await runTool(binaries.initdb, ['-D', draft, '-U', USER, '--auth=trust', ...locale], this.cluster);
    await rename(draft, dataPath);
  }

  /** A server that a killed supervisor left behind is stopped; one that a living supervisor owns is not touched. */
  private async stopOrphan(): Promise<void> {
    const { binaries, dataPath } = this.cluster;
    const status = await runTool(binaries.pg_ctl, ['status', '-D', dataPath], this.cluster).catch(
      () => undefined,
    );
    if (status === undefined) return;
    const owned = await this.isOwned();
    if (owned)
      throw new Error(
        `Another Watchkeep is running with the data in ${this.cluster.root}. Stop it, or set DATA_DIR.`,
      );
    this.options.log('Stopping a PostgreSQL that an earlier run left behind');
    await runTool(binaries.pg_ctl, ['stop', '-D', dataPath, '-m', 'fast', '-w'], this.cluster);
  }

  private async isOwned(): Promise<boolean> {
    const client = this.client('postgres');
    try {
      await client.connect();
      return !(await tryOwnerLock(client));
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async untilReady(server: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      this.failIfStopping();
      if (this.spawnError || !isRunning(server))
        throw new Error(`PostgreSQL did not start. Its log: ${this.cluster.logFile}`, {
          cause: this.spawnError,
        });
      const client = this.client('postgres');
      try {
        await client.connect();
        await ensureDatabase(client);
        return;
      } catch (error) {
        if (Date.now() > deadline)
          throw new Error(`PostgreSQL did not answer within a minute. Its log: ${this.cluster.logFile}`, {
            cause: error,
          });
        await new Promise((resolve) => setTimeout(resolve, 30));
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private async claim(): Promise<void> {
    this.ownership = this.client('postgres');
    this.ownership.on('error', () => undefined);
    await this.ownership.connect();
    await tryOwnerLock(this.ownership);
  }

  private client(database: string): pg.Client {
    return new pg.Client({ connectionString: this.url(database), connectionTimeoutMillis: 2_000 });
  }

  private exited(): void {
    if (!this.stopping) this.options.onUnexpectedExit?.();
  }

  private async openLog(): Promise<number> {
    const log = openSync(this.cluster.logFile, 'a', 0o600);
    const { size } = await stat(this.cluster.logFile);
    if (size > LOG_LIMIT_BYTES) await truncate(this.cluster.logFile);
    return log;
  }
}

function isRunning(server: ChildProcess): boolean {
  return server.pid !== undefined && server.exitCode === null && server.signalCode === null;
}

async function tryOwnerLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    OWNER_LOCK,
  ]);
  return rows[0]!.locked;
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
}

function assertSameVersion(found: string, expected: string, dataPath: string): void {
  if (found === expected) return;
  throw new Error(
    `The data in ${dataPath} belongs to PostgreSQL ${found}, and this Watchkeep brings ${expected}. ` +
      'Dump it with the Watchkeep that wrote it, and load it into a new DATA_DIR.',
  );
}
