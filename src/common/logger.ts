import type { LoggerService } from '@nestjs/common';
import { type Logger as PinoLogger, pino } from 'pino';
import pretty from 'pino-pretty';

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  format: 'json' | 'pretty';
  /** Which process speaks: api, worker. */
  name: string;
  /** Where to: a command keeps standard output for its result. */
  stream?: 'stdout' | 'stderr';
}

/** Paths whose values never reach a log. */
const REDACTED = [
  '*.password',
  '*.token',
  '*.authorization',
  '*.cookie',
  '*.key',
  'headers.authorization',
  'headers["x-api-key"]',
];

/** What the framework says of its own start, line after line, is for those who debug it. */
const FRAMEWORK_CONTEXTS = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** Nest’s logger on pino: one JSON object a line, or one readable line. */
export class StructuredLogger implements LoggerService {
  private readonly pino: PinoLogger;

  constructor(options: LoggerOptions) {
    const settings = {
      name: options.name,
      level: options.level,
      base: { process: options.name },
      redact: REDACTED,
      serializers: { err: describeError },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    };
    const destination = options.stream === 'stderr' ? 2 : 1;
    this.pino = pino(
      settings,
      options.format === 'pretty'
        ? prettyStream(destination)
        : pino.destination({ dest: destination, sync: true }),
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK_CONTEXTS.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the logger’s context as the last argument, and for errors the stack before it. */
  private write(
    level: 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    if (typeof message === 'object' && message !== null && !(message instanceof Error))
      this.pino[level]({ context, ...message });
    else if (message instanceof Error) this.pino[level]({ context, err: message }, message.message);
    else this.pino[level]({ context, ...(typeof stack === 'string' && { stack }) }, String(message));
  }
}

/** Not everything that an error carries: a failed query holds its parameters, and those are people’s data. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack,
    ...(code !== undefined && { code }),
  };
}

function prettyStream(destination: number): NodeJS.WritableStream {
  return pretty({
    destination,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,name,process,context',
    messageFormat: '{process} · {msg}',
    singleLine: true,
  });
}
