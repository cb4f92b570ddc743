import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApiClient } from '../support/api-client.js';
import { freePort } from '../support/running-product.js';
import { makeTemporaryFolder } from '../support/temporary-folder.js';
import { waitFor } from '../support/wait-for.js';

const STANDALONE = fileURLToPath(new URL('../../dist/standalone.js', import.meta.url));

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** What `npm start` runs once everything is installed and built. */
class Run {
  output = '';

  private constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static start(
    folder: string,
    ports: { api: number; worker: number },
    environment: Record<string, string> = {},
  ): Run {
    return new Run(
      spawn(process.execPath, [STANDALONE], {
        cwd: folder,
        env: {
          ...process.env,
          DATABASE_URL: '',
          REDIS_URL: '',
          PORT: String(ports.api),
          WORKER_PORT: String(ports.worker),
          HOST: '127.0.0.1',
          ...environment,
        },
      }),
    );
  }

  async ready(): Promise<this> {
    await waitFor(
      'the banner',
      () => this.output.includes('Watchkeep is running') || this.child.exitCode !== null,
      60_000,
    );
    if (this.child.exitCode !== null) throw new Error(this.output);
    return this;
  }

  async exit(signal?: NodeJS.Signals): Promise<number | null> {
    const exited =
      this.child.exitCode === null && this.child.signalCode === null ? once(this.child, 'exit') : undefined;
    if (signal) this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }
}

describe('npm start', () => {
  let folder: string;
  let ports: { api: number; worker: number };
  let key = '';

  beforeAll(async () => {
    folder = await makeTemporaryFolder('standalone');
    ports = { api: await freePort(), worker: await freePort() };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const client = (): ApiClient => new ApiClient(`http://127.0.0.1:${ports.api}`, key);
  const postgresIsGone = async (): Promise<boolean> =>
    !(await readFile(join(folder, 'data/postgres/postmaster.pid')).catch(() => undefined));

  const postmaster = async (): Promise<number> =>
    Number((await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8')).split('\n')[0]);

  it('prints addresses, a set-up link and a working first key, and watches itself', async () => {
    const run = await Run.start(folder, ports).ready();
    expect(run.output).toContain(`http://localhost:${ports.api}/api/docs`);
    expect(run.output).toMatch(/\/setup\?token=\w{43}/);
    key = /wk_live_\w{43}/.exec(run.output)![0];
    const { body } = await client().get('/health/api/endpoints');
    expect(body.data.endpoints.map((endpoint: { name: string }) => endpoint.name)).toEqual(
      expect.arrayContaining(['API Root', 'Health Check']),
    );
    await waitFor('its own endpoints to be operational', async () => {
      const answer = await client().get('/health/api/endpoints');
      return answer.body.data.endpoints.every(
        (endpoint: { status: string }) => endpoint.status === 'operational',
      );
    });
    await client().post('/api/errors', { message: 'Kept over a restart' });

    // As a terminal does it: once for the whole process group, once more through npm.
    run.child.kill('SIGINT');
    expect(await run.exit('SIGINT')).toBe(0);
    expect(await postgresIsGone()).toBe(true);
    for (const line of ['api · Stopped', 'worker · Stopped', 'Stopped.']) expect(run.output).toContain(line);
  }, 120_000);

  it('takes up where it was, without a second key', async () => {
    const run = await Run.start(folder, ports).ready();
    expect(run.output).not.toMatch(/wk_live_/);
    const { body } = await client().get('/api/errors');
    expect(body.data.errors[0]).toMatchObject({ message: 'Kept over a restart', count: 1 });

    const second = Run.start(folder, { api: await freePort(), worker: await freePort() });
    expect(await second.exit()).toBe(1);
    expect(second.output).toContain('Another Watchkeep is running');
    expect((await client().get('/api/errors')).status).toBe(200);
    expect(await run.exit('SIGTERM')).toBe(0);
  }, 120_000);

  it('applies its configuration file, at the start and whenever it changes, and survives a wrong one', async () => {
    const file = join(folder, 'watchkeep.yaml');
    const names = async (): Promise<string[]> => {
      const { body } = await client().get('/health/api/endpoints?search=from+a+file');
      return body.data.endpoints.map((endpoint: { name: string }) => endpoint.name);
    };
    await writeFile(file, 'endpoints: [{ name: One from a file, url: "https://one.test/" }]');
    const run = await Run.start(folder, ports, { CONFIG_FILE: file }).ready();
    await waitFor('the file to be applied', () => run.output.includes('+ endpoint One from a file'));
    await writeFile(file, 'endpoints: [{ name: One from a file }]');
    await waitFor('the fault to be told', () => run.output.includes('endpoints[0].url'), 20_000);
    await writeFile(file, 'endpoints: [{ name: Two from a file, url: "https://two.test/" }]');
    await waitFor(
      'the change to be applied',
      () => run.output.includes('+ endpoint Two from a file'),
      20_000,
    );
    expect(await names()).toEqual(['One from a file', 'Two from a file']);

    // Commands find the instance that runs in their folder.
    const exported = await promisify(execFile)(process.execPath, [CLI, 'export'], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: '', SECRET_KEY: '' },
    });
    expect(exported.stdout).toContain('name: One from a file');
    expect(await run.exit('SIGTERM')).toBe(0);
  }, 120_000);

  it('recovers by itself after it was killed', async () => {
    const killed = await Run.start(folder, ports).ready();
    await killed.exit('SIGKILL');
    expect(await postgresIsGone()).toBe(false);
    const run = await Run.start(folder, ports).ready();
    expect((await client().get('/api/errors')).status).toBe(200);
    expect(await run.exit('SIGINT')).toBe(0);
    expect(await postgresIsGone()).toBe(true);
  }, 120_000);

  it('starts again what dies: the worker, the API, PostgreSQL', async () => {
    const run = await Run.start(folder, ports).ready();
    const works = async (): Promise<boolean> => {
      const report = client().post('/api/errors', { message: 'After the crash' });
      const worker = fetch(`http://127.0.0.1:${ports.worker}/health/ready`);
      const answers = await Promise.all([report, worker]).catch(() => undefined);
      return answers?.[0].status === 201 && answers[1].status === 200;
    };
    for (const [name, script] of [
      ['worker', 'worker.js'],
      ['API', 'main.js'],
    ] as const) {
      process.kill(await childOf(run.child.pid!, script), 'SIGKILL');
      await waitFor(
        `the ${name} to be started again`,
        async () => run.output.includes(`The ${name} ended (SIGKILL); starting it again`) && (await works()),
        30_000,
      );
    }
    process.kill(await postmaster(), 'SIGKILL');
    await waitFor(
      'PostgreSQL to be started again',
      async () => run.output.includes('PostgreSQL ended; starting it again') && (await works()),
      30_000,
    );
    expect(await run.exit('SIGINT')).toBe(0);
    expect(await postgresIsGone()).toBe(true);
  }, 120_000);

  it.each(['Creating a PostgreSQL', 'Preparing the database'])(
    'leaves no process behind when it is stopped at “%s”',
    async (line) => {
      const fresh = await makeTemporaryFolder('interrupted');
      const run = Run.start(fresh, { api: await freePort(), worker: await freePort() });
      await waitFor(line, () => run.output.includes(line), 30_000);
      expect(await run.exit('SIGINT')).toBe(0);
      expect(run.output).toContain('Stopped.');
      expect(await processesOf(fresh)).toEqual([]);
      await rm(fresh, { recursive: true, force: true });
    },
    60_000,
  );

  it('names the setting of a port that is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const run = Run.start(folder, { ...ports, api: port });
    expect(await run.exit()).toBe(1);
    expect(run.output).toContain(`Port ${port} is taken by another program. Set PORT to a free one.`);
    squatter.close();
  }, 60_000);

  it('names every bad setting and stops', async () => {
    const run = Run.start(folder, ports, { LOG_LEVEL: 'loud', CHECK_RETENTION: 'always' });
    expect(await run.exit()).toBe(1);
    expect(run.output).toContain('LOG_LEVEL');
    expect(run.output).toContain('CHECK_RETENTION');
    expect(run.output).not.toContain('loud');
  });

  it('reads .env', async () => {
    await writeFile(join(folder, '.env'), 'LOG_LEVEL=shouting\n');
    const run = Run.start(folder, ports);
    expect(await run.exit()).toBe(1);
    expect(run.output).toContain('LOG_LEVEL');
    await rm(join(folder, '.env'));
  });
});

interface ListedProcess {
  pid: number;
  parent: number;
  command: string;
}

async function listProcesses(): Promise<ListedProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!)
    .map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command: command! }));
}

async function childOf(parent: number, script: string): Promise<number> {
  const found = (await listProcesses()).find(
    (process) => process.parent === parent && process.command.includes(script),
  );
  if (!found) throw new Error(`No ${script} is running`);
  return found.pid;
}

/** Command lines that name the folder: PostgreSQL’s do. */
async function processesOf(folder: string): Promise<string[]> {
  return (await listProcesses()).map(({ command }) => command).filter((command) => command.includes(folder));
}
