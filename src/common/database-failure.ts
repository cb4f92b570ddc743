/** PostgreSQL and socket codes that mean: not now, not never. */
const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '53300', // too many connections
  '55P03', // a lock was not to be had in time
  '57014', // the statement took too long
  '57P01', // the server is shutting down
  '57P02',
  '57P03', // the server is starting up
  '08000',
  '08003',
  '08006',
]);

/** Text that PostgreSQL cannot hold: NUL, invalid UTF-8, lone surrogates. */
const BAD_TEXT = new Set(['22021', '22P05']);

const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|Driver not Connected)/;

/** Whether a row was refused because another has what must be there once. */
export function isUniqueViolation(thrown: unknown): boolean {
  return (thrown as DriverError).code === '23505';
}

/** Whether a row was refused because what it names does not exist. */
export function isForeignKeyViolation(thrown: unknown): boolean {
  return (thrown as DriverError).code === '23503';
}

/** Whether this transaction was given up because it and another waited for each other. It may be tried again. */
export function isDeadlock(thrown: unknown): boolean {
  return (thrown as DriverError).code === '40P01';
}

interface DriverError {
  code?: string;
  message?: string;
  /** The driver sets it on what the server reported. */
  severity?: string;
  driverError?: unknown;
}

/** What kind of database failure an exception is; `undefined` when it is none. */
export function databaseFailure(thrown: unknown): 'unavailable' | 'bad_text' | 'other' | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const wrapped = thrown as DriverError;
  const inner = (wrapped.driverError ?? thrown) as DriverError;
  if (inner instanceof AggregateError) return databaseFailure(inner.errors[0]);
  if (inner.code && UNAVAILABLE.has(inner.code)) return 'unavailable';
  if (UNAVAILABLE_MESSAGE.test(inner.message ?? '')) return 'unavailable';
  if (inner.code && BAD_TEXT.has(inner.code)) return 'bad_text';
  return wrapped.driverError || inner.severity !== undefined ? 'other' : undefined;
}
