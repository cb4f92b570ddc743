/** Attribute names and values as plain JSON values; whole numbers beyond 2^53 and bytes (base64) are texts. */
export type Attributes = Record<string, unknown>;

/** What we read of a log record, whichever encoding it came in. */
export interface LogRecord {
  /** Milliseconds since 1970: when it happened, else when it was noticed. */
  time: number | null;
  /** 1 to 24; 0 when it is not said. */
  severityNumber: number;
  severityText: string;
  body: unknown;
  attributes: Attributes;
  /** 32 and 16 hex digits. */
  traceId: string | null;
  spanId: string | null;
  eventName: string;
}

/** Log records of one instrumentation scope: a logger. */
export interface ScopeLogs {
  name: string;
  records: LogRecord[];
}

/** Log records of one program. */
export interface ResourceLogs {
  attributes: Attributes;
  scopes: ScopeLogs[];
}

/** The scopes and records of one request are bounded: empty ones take two bytes each. */
export const MAX_RECORDS = 20_000;
/** Nested attribute values beyond this depth are left out. */
export const MAX_VALUE_DEPTH = 16;
/** Entries of one list or map beyond this number are left out. SDKs allow 128 attributes. */
export const MAX_ENTRIES = 1_000;

const NANOSECONDS = 1_000_000;
const ALL_ZERO = /^0*$/;

/** @param nanoseconds since 1970; 0 stands for none */
export function timeOf(nanoseconds: number): number | null {
  return nanoseconds > 0 ? Math.floor(nanoseconds / NANOSECONDS) : null;
}

/** Ids of zeros only are none (W3C Trace Context §3.2.2). */
export function hexId(text: string, digits: number): string | null {
  return text.length === digits && !ALL_ZERO.test(text) ? text.toLowerCase() : null;
}

export function emptyRecord(): LogRecord {
  return {
    time: null,
    severityNumber: 0,
    severityText: '',
    body: null,
    attributes: {},
    traceId: null,
    spanId: null,
    eventName: '',
  };
}
