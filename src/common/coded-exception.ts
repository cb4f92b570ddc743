/** Each machine-readable failure code with the HTTP status that carries it. */
export const ERROR_CODES = {
  VALIDATION_FAILED: 400,
  INVALID_PHONE: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  HTTPS_REQUIRED: 403,
  TARGET_REFUSED: 400,
  NOT_FOUND: 404,
  ERROR_NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  INCIDENT_NOT_FOUND: 404,
  INTEGRATION_NOT_FOUND: 404,
  MAINTENANCE_NOT_FOUND: 404,
  API_KEY_NOT_FOUND: 404,
  PROJECT_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMIT_EXCEEDED: 429,
  DATABASE_ERROR: 500,
  INTERNAL_ERROR: 500,
  WEBHOOK_FAILED: 502,
  DATABASE_UNAVAILABLE: 503,
  OVERLOADED: 503,
  WORKER_UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One field that was refused, and why, for a person. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** A failure that the caller can act on. Services throw it; one filter turns it into HTTP. */
export class CodedException extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: readonly FieldProblem[],
    /** Seconds after which a retry makes sense. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** A 400 that names one field. */
export function invalidField(field: string, message: string): CodedException {
  return new CodedException('VALIDATION_FAILED', 'The request is not valid.', [{ field, message }]);
}
