/** What must be undone, last first: at the end, after an error and on Ctrl-C. */
class Scope {
  #steps = [];
  #closed = false;

  /** Something that comes up after the end (an interrupted start) is undone at once. */
  defer(undo) {
    if (this.#closed) void attempt(undo);
    else this.#steps.push(undo);
  }

  async close() {
    this.#closed = true;
    while (this.#steps.length > 0) await attempt(this.#steps.pop());
  }
}

/** Runs `body` and undoes whatever it has deferred, however it ends. */
export async function withScope(body) {
  const scope = new Scope();
  const interrupted = new Promise((_, reject) => {
    // Not `once`: npm may pass on a Ctrl-C that the terminal has sent us already.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => reject(new Error(`Stopped by ${signal}; cleaning up.`)));
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
