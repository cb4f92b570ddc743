/** What must be undone, last first: at the end, after an error and on Ctrl-C. */
class Scope {
  #steps = [];
  #closed = false;

  /**
   * To be called before the thing is there, so that an interrupted start is undone too.
   * Whatever still begins after the end is undone at once.
   */
  defer(undo) {
    if (this.#closed) void attempt(undo);
    else this.#steps.push(undo);
  }

  async close() {
    this.#closed = true;
    while (this.#steps.length > 0) await attempt(this.#steps.pop());
  }
}

/** The run was ended from outside: nothing to explain. */
export class Interrupted extends Error {}

/** Runs `body` and undoes whatever it has deferred, however it ends. */
export async function withScope(body) {
  const scope = new Scope();
  const interrupted = new Promise((_, reject) => {
    // Not `once`: npm may pass on a Ctrl-C that the terminal has sent us already.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => reject(new Interrupted(`Stopped by ${signal}.`)));
    // A closed pipe (`| head`) comes as one of these.
    process.on('uncaughtException', reject);
  });
  try {
    return await Promise.race([body(scope), interrupted]);
  } finally {
    await scope.close();
  }
}

async function attempt(undo) {
  try {
    await undo();
  } catch (error) {
    console.error(`Cleaning up: ${error.message}`);
  }
}
