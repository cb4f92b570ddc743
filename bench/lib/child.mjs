import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const STOP_TIMEOUT_MS = 20_000;

/** A child process of the benchmark: one of the product’s, or a helper of ours that {@link answers} questions. */
export class Child {
  output = '';
  #asked = 0;

  /**
   * Resolves when the script says that it is ready; it is stopped with the scope.
   * @param {URL} script
   */
  static async start(scope, script, { args = [], env = {} } = {}) {
    const child = new Child(fork(fileURLToPath(script), args, spawnOptions(env)));
    scope.defer(() => child.stop());
    await child.#next((message) => message === 'ready');
    return child;
  }

  constructor(process) {
    this.process = process;
    for (const stream of [process.stdout, process.stderr])
      stream.on('data', (chunk) => (this.output += chunk));
  }

  get pid() {
    return this.process.pid;
  }

  /** Has a helper do something, and resolves to what it answers. */
  async ask(question, parameters = {}) {
    const id = ++this.#asked;
    this.process.send({ id, question, parameters });
    const { answer, failure } = await this.#next((message) => message.id === id);
    if (failure) throw new Error(failure);
    return answer;
  }

  /** Ends it as a crash would. */
  kill() {
    this.process.kill('SIGKILL');
  }

  /** Ends it in order, or by force when it does not listen. */
  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    const force = setTimeout(() => this.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.process.kill('SIGTERM');
    await exited;
    clearTimeout(force);
  }

  #next(isMeant) {
    return new Promise((resolve, reject) => {
      const settle = (finish, value) => {
        this.process.off('message', onMessage).off('exit', onExit);
        finish(value);
      };
      const onMessage = (message) => isMeant(message) && settle(resolve, message);
      const onExit = () =>
        settle(reject, new Error(`${this.process.spawnargs[1]} ended by itself:\n${this.output}`));
      this.process.on('message', onMessage).on('exit', onExit);
    });
  }
}

/** Runs a script to its end and resolves to what it printed. */
export async function runToEnd(scope, script, { args = [], env = {} } = {}) {
  const child = new Child(fork(fileURLToPath(script), args, spawnOptions(env)));
  scope.defer(() => child.stop());
  const [code] = await once(child.process, 'close');
  if (code !== 0) throw new Error(`${fileURLToPath(script)} ${args.join(' ')}\n${child.output}`);
  return child.output.trim();
}

/** The other side of {@link Child.ask}: a helper says what it can do. It ends with its parent. */
export function answers(abilities) {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => void reply(abilities, message));
  process.send('ready');
}

async function reply(abilities, { id, question, parameters }) {
  try {
    process.send({ id, answer: await abilities[question](parameters) });
  } catch (error) {
    process.send({ id, failure: error.stack });
  }
}

function spawnOptions(env) {
  return { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] };
}
