import type { Request } from 'express';
import { invalidField } from '../../../common/coded-exception.js';
import type { Signal } from './heartbeat.js';

const MAX_MESSAGE_BYTES = 10 * 1_024;
const MAX_EXIT_CODE = 255;
const MAX_DURATION_MS = 31 * 86_400_000;

/**
 * What a request to a push address reports. Its last part says what happened; without one, Uptime Kuma’s `status=down`
 * makes it a failure. Query parameters that are not known are let pass: no report is lost for one too many.
 * @param part `start`, `fail`, or an exit code, of which 0 is good
 * @throws CodedException `VALIDATION_FAILED` for another part
 */
export function signalOf(request: Pick<Request, 'query' | 'body'>, part?: string): Signal {
  const { msg, ping, status } = request.query;
  const message = messageOf(request.body) ?? messageOf(msg);
  const duration_ms = durationOf(ping);
  const signal = { message, duration_ms, exit_code: null };
  switch (part) {
    case undefined:
      return { ...signal, kind: status === 'down' ? 'fail' : 'success' };
    case 'start':
      return { ...signal, kind: 'start' };
    case 'fail':
      return { ...signal, kind: 'fail' };
    default: {
      const exit_code = exitCodeOf(part);
      return { ...signal, exit_code, kind: exit_code === 0 ? 'success' : 'fail' };
    }
  }
}

function exitCodeOf(part: string): number {
  const code = /^\d{1,3}$/.test(part) ? Number(part) : Infinity;
  if (code <= MAX_EXIT_CODE) return code;
  throw invalidField('signal', `must be start, fail or an exit code from 0 to ${MAX_EXIT_CODE}`);
}

/** The first 10 KiB. PostgreSQL stores no NUL. */
function messageOf(given: unknown): string | null {
  if (typeof given !== 'string') return null;
  const text = Buffer.from(given).subarray(0, MAX_MESSAGE_BYTES).toString('utf8').replaceAll('\0', '').trim();
  return text === '' ? null : text;
}

function durationOf(given: unknown): number | null {
  const milliseconds = typeof given === 'string' && given !== '' ? Number(given) : NaN;
  return milliseconds >= 0 && milliseconds <= MAX_DURATION_MS ? milliseconds : null;
}
