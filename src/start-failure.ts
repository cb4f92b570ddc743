import { InvalidConfigError } from './config/config.js';

/** A start that failed, for a person. */
export function explainStartFailure(error: unknown): string {
  if (error instanceof InvalidConfigError) return error.message;
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Set PORT (the API) or WORKER_PORT (a worker’s probes) to a free one.`;
  }
  if (code === 'EACCES' && port !== undefined)
    return `This user may not open port ${port}. Set PORT to one above 1023.`;
  return message || String(error);
}
