import { execFile } from 'node:child_process';
import { unwatchFile, watchFile } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Looking is cheaper than being told wrongly: editors replace files, and mounted ones change behind a link. */
const LOOK_EVERY_MS = 2_000;

/** Applies a configuration file, and does so again whenever it changes. A file that is not valid changes nothing. */
export class ConfigurationWatcher {
  private applied = Promise.resolve();
  private isWaiting = false;
  private readonly stopping = new AbortController();
  private readonly onChange = (): void => this.applySoon();

  constructor(
    private readonly file: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly log: (line: string) => void,
  ) {}

  start(): void {
    this.applySoon();
    watchFile(this.file, { interval: LOOK_EVERY_MS }, this.onChange);
  }

  stop(): void {
    unwatchFile(this.file, this.onChange);
    this.stopping.abort();
  }

  /** One after the other; changes that come while one waits are in it. */
  private applySoon(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.applied = this.applied.then(() => {
      this.isWaiting = false;
      return this.apply();
    });
  }

  private async apply(): Promise<void> {
    const cli = fileURLToPath(new URL('cli.js', import.meta.url));
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [cli, 'apply', this.file], {
        env: { ...this.environment, LOG_LEVEL: 'error' },
        signal: this.stopping.signal,
        // It says a line for each change, and would be killed in the middle of thousands.
        maxBuffer: Infinity,
      });
      this.log(`${this.file}: ${stdout.trim()}`);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.log((error as { stderr?: string }).stderr?.trim() || (error as Error).message);
    }
  }
}
