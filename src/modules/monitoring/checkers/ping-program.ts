import { type ChildProcess, spawn } from 'node:child_process';
import { CheckFailure } from './check-failure.js';

/** Where systems keep it; nothing else of this process’s environment is its business. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/wrappers/bin',
};
/** As short as those who are not root may make it, in seconds. */
const PAUSE = '0.2';
const MAX_OUTPUT = 16_384;

/** What came of some pings. */
export interface PingReport {
  /** Round trips of those that were answered, in milliseconds. */
  round_trips: number[];
  /** What the program says besides: routers that answer for a host that does not. */
  remarks: string;
}

/**
 * Runs the system’s `ping`, since Node has no ICMP sockets: that of iputils, of BusyBox or of the BSDs. It is given an
 * address, never a name, and no shell is involved.
 */
export class PingProgram {
  private output = '';
  private errors = '';
  /** Resolves when it has ended; rejects when it could not begin: that is no fault of the endpoint. */
  readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    // Without file descriptors to spare a process has no pipes either.
    child.stdout?.on('data', (chunk) => (this.output = (this.output + String(chunk)).slice(0, MAX_OUTPUT)));
    child.stderr?.on('data', (chunk) => (this.errors = (this.errors + String(chunk)).slice(0, MAX_OUTPUT)));
    this.ended = new Promise((resolve, reject) => {
      child.on('error', (error) => reject(notStarted(error)));
      child.on('close', () => (this.isForbidden ? reject(forbidden()) : resolve()));
    });
  }

  static start(program: string, address: string, count: number): PingProgram {
    const pauses = count > 1 ? ['-i', PAUSE] : [];
    const parameters = ['-n', '-c', String(count), ...pauses, address];
    return new PingProgram(
      spawn(program, parameters, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  /** So far. */
  get report(): PingReport {
    return { round_trips: readRoundTrips(this.output), remarks: `${this.output}\n${this.errors}` };
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private get isForbidden(): boolean {
    return /socket.*(not permitted|denied)|are you root|cap_net_raw/i.test(this.errors);
  }
}

/** The times of the replies in the output of a ping program; those that came twice count once. */
export function readRoundTrips(output: string): number[] {
  const replies = output
    .split('\n')
    .filter((line) => /\bseq[= ]|icmp_seq[= ]/.test(line) && !line.includes('DUP!'));
  return replies.flatMap((line) => {
    const [, time] = /time[=<]\s?([\d.]+) ?ms/.exec(line) ?? [];
    return time === undefined ? [] : [Number(time)];
  });
}

function notStarted({ code }: NodeJS.ErrnoException): CheckFailure {
  return new CheckFailure(
    code === 'ENOENT'
      ? 'Not checked: this worker has no ping program'
      : `Not checked: this worker cannot start the ping program (${code})`,
    true,
  );
}

function forbidden(): CheckFailure {
  return new CheckFailure('Not checked: this worker may not send pings (it lacks CAP_NET_RAW)', true);
}
