import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { GuardedResolver, UnusableHost } from '../../../common/outgoing/guarded-resolver.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { InstallationHealthReader } from './installation-health.reader.js';

const TIMEOUT_MS = 10_000;

/**
 * Calls an address of another service while this installation does what it is for. That service tells people when the
 * calls stop, which nobody here could. The address holds a secret, so it is never logged.
 */
@Injectable()
export class DeadMan {
  private readonly logger = new Logger(DeadMan.name);
  /** Why the last turn made no successful call; undefined when it did. */
  private trouble: string | undefined;

  constructor(
    private readonly health: InstallationHealthReader,
    private readonly resolver: GuardedResolver,
    @Inject(CONFIG) private readonly config: Pick<Config, 'DEADMAN_URL'>,
  ) {}

  async takeTurn(): Promise<void> {
    const { DEADMAN_URL } = this.config;
    if (DEADMAN_URL === undefined) return;
    this.note((await this.reasonForSilence()) ?? (await this.call(DEADMAN_URL)));
  }

  /** Why another service should think that this installation is dead; undefined when it is well. */
  private async reasonForSilence(): Promise<string | undefined> {
    try {
      const { healthy, network_lost } = await this.health.read();
      if (network_lost) return 'Not called: a worker has lost its network';
      if (!healthy) return 'Not called: checks that are due are not made';
      return (await this.health.checksAreMade()) ? undefined : 'Not called: no checks are being made';
    } catch {
      return 'Not called: the database does not answer';
    }
  }

  /** Why the call failed; undefined when it did not. Redirects are not followed: whoever sends one did not take the call. */
  private call(address: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const fail = (error: Error): void => resolve(`The call failed: ${describe(error)}`);
      try {
        const url = new URL(address);
        this.resolver.assertHostAllowed(url.hostname);
        const send = url.protocol === 'https:' ? requestHttps : requestHttp;
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const request = send(url, { lookup: this.resolver.lookup, agent: false, signal }, (response) => {
          response.destroy();
          const { statusCode = 0 } = response;
          resolve(
            statusCode >= 200 && statusCode < 300 ? undefined : `The call failed: status ${statusCode}`,
          );
        });
        request.once('error', fail).end();
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  /** Tells changes only: turns come every minute. */
  private note(trouble: string | undefined): void {
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    if (trouble === undefined) this.logger.log('The dead-man address is called');
    else this.logger.warn(`Dead-man address: ${trouble}`);
  }
}

/** Without the words of the system, which repeat the address. */
function describe(error: NodeJS.ErrnoException): string {
  if (error instanceof UnusableHost) return 'its host may not be reached';
  return error.name === 'TimeoutError' || error.code === 'ABORT_ERR'
    ? 'no answer in time'
    : (error.code ?? 'no answer');
}
