import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BackOff } from './back-off.js';

export interface ProcessSpec {
  name: string;
  /** Entry point beside this file: `main.js`. */
  script: string;
  environment: NodeJS.ProcessEnv;
}

/** Keeps child processes running, and stops them in order. */
export class Supervisor {
  private readonly children = new Map<string, ChildProcess>();
  private stopping = false;

  constructor(private readonly log: (line: string) => void) {}

  /** Starts a process and resolves when it says that it is ready. One that fails its first start is not tried again. */
  async start(spec: ProcessSpec): Promise<void> {
    if (this.stopping) throw new Error('Stopped while starting.');
    const child = this.spawn(spec);
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', () => reject(new Error(`The ${spec.name} did not start.`)));
    });
    this.restartOnExit(spec, child, new BackOff());
  }

  /** Asks every child to drain, and waits. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.children.values()].map((child) => stopChild(child)));
  }

  /** Ends every child at once. */
  kill(): void {
    this.stopping = true;
    for (const child of this.children.values()) child.kill('SIGKILL');
  }

  private spawn(spec: ProcessSpec): ChildProcess {
    // A process group of its own: Ctrl-C reaches the supervisor only, which stops things in order.
    const child = fork(fileURLToPath(new URL(spec.script, import.meta.url)), [], {
      env: spec.environment,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.children.set(spec.name, child);
    return child;
  }

  private restartOnExit(spec: ProcessSpec, child: ChildProcess, backOff: BackOff): void {
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.log(`The ${spec.name} ended (${signal ?? `code ${code}`}); starting it again`);
      setTimeout(() => {
        if (!this.stopping) this.restartOnExit(spec, this.spawn(spec), backOff);
      }, backOff.next());
    });
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
