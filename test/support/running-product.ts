import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ApiClient } from './api-client.js';

const SECRET_KEY = 'test-secret-key-of-more-than-32-characters';

export interface ProductOptions {
  databaseUrl: string;
  redisUrl?: string;
  /** More settings. */
  environment?: Record<string, string>;
}

/** One process of the product, from the built code. What it prints is kept. */
export class RunningProcess {
  output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static async start(script: 'main.js' | 'worker.js', options: ProductOptions): Promise<RunningProcess> {
    const port = await freePort();
    const child = fork(fileURLToPath(new URL(`../../dist/${script}`, import.meta.url)), [], {
      env: {
        ...process.env,
        DATABASE_URL: options.databaseUrl,
        REDIS_URL: options.redisUrl ?? '',
        SECRET_KEY,
        [script === 'main.js' ? 'PORT' : 'WORKER_PORT']: String(port),
        HOST: '127.0.0.1',
        SHUTDOWN_DELAY: '0s',
        WITNESS_TARGETS: 'none',
        ERROR_LIMIT_PER_KEY: '0',
        SPIKE_PROTECTION: 'false',
        LOG_FORMAT: 'json',
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const running = new RunningProcess(child, port);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`${script} did not start:\n${running.output}`);
      }),
    ]);
    return running;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Log entries at `warn` and above. */
  get complaints(): string[] {
    return this.output
      .split('\n')
      .filter((line) => /"level":[4-6]0/.test(line) || (line !== '' && !line.startsWith('{')));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}

/** One API and one worker against a database, with an admin key. */
export class RunningProduct {
  private constructor(
    readonly options: ProductOptions,
    readonly api: RunningProcess,
    public worker: RunningProcess,
    readonly key: string,
  ) {}

  static async start(options: ProductOptions): Promise<RunningProduct> {
    const key = await createKey(options);
    const [api, worker] = await Promise.all([
      RunningProcess.start('main.js', options),
      RunningProcess.start('worker.js', options),
    ]);
    return new RunningProduct(options, api, worker, key);
  }

  get client(): ApiClient {
    return new ApiClient(this.api.url, this.key);
  }

  /** The same product with another API process. */
  with(api: RunningProcess): RunningProduct {
    return new RunningProduct(this.options, api, this.worker, this.key);
  }

  async restartWorker(): Promise<void> {
    this.worker = await RunningProcess.start('worker.js', this.options);
  }

  async stop(): Promise<void> {
    await Promise.all([this.api.stop(), this.worker.stop()]);
  }
}

async function createKey(options: ProductOptions): Promise<string> {
  return runCli(['create-api-key', '--name', 'test', '--permissions', 'admin'], options);
}

/** Runs `watchkeep …` and answers what it printed. */
export async function runCli(parameters: string[], options: ProductOptions): Promise<string> {
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const child = fork(cli, parameters, {
    env: {
      ...process.env,
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl ?? '',
      SECRET_KEY,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed = { result: '', complaints: '' };
  child.stdout?.on('data', (chunk: Buffer) => (printed.result += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed.complaints += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(printed.complaints);
  return printed.result.trim();
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
