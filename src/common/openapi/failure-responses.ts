import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../coded-exception.js';

type Components = NonNullable<OpenAPIObject['components']>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

interface Failure {
  name: string;
  description: string;
  /** Whether the operation, at that path, may fail so. */
  appliesTo: (operation: Operation, path: string, method: string) => boolean;
}

const isSecured = (operation: Operation): boolean => operation.security !== undefined;
const hasBody = (operation: Operation): boolean => operation.requestBody !== undefined;
const takesInput = (operation: Operation): boolean =>
  hasBody(operation) || (operation.parameters ?? []).length > 0;
/** Probes answer for failures themselves, and are never limited. */
const isProbe = (operation: Operation): boolean =>
  !isSecured(operation) && (operation.tags ?? []).some((tag) => tag === 'Probes' || tag === 'Health');

/** Which failures an operation may answer with. The names are those of the shared responses in the document. */
const FAILURES: Record<number, Failure> = {
  400: { name: 'BadRequest', description: 'The request is not valid.', appliesTo: takesInput },
  401: {
    name: 'Unauthorized',
    description: 'No key or session was given, or it is not valid.',
    appliesTo: isSecured,
  },
  403: {
    name: 'Forbidden',
    description: 'The key or session may not do this, or HTTPS is required.',
    appliesTo: isSecured,
  },
  404: {
    name: 'NotFound',
    description: 'There is no such thing.',
    appliesTo: (_, path) => path.includes('{'),
  },
  409: {
    name: 'Conflict',
    description: 'It exists already, or is being changed by somebody else.',
    appliesTo: (operation, _, method) => method === 'post' && '201' in operation.responses,
  },
  413: { name: 'PayloadTooLarge', description: 'The body is larger than allowed.', appliesTo: hasBody },
  415: { name: 'UnsupportedMediaType', description: 'The body is not JSON.', appliesTo: hasBody },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests in too short a time; `Retry-After` says when to try again.',
    appliesTo: (operation) => !isProbe(operation),
  },
  500: {
    name: 'InternalError',
    description: 'Something went wrong inside Watchkeep; it has been logged under `request_id`.',
    appliesTo: () => true,
  },
  503: {
    name: 'Unavailable',
    description:
      'The database cannot be reached, or too much is waiting; `Retry-After` says when to try again.',
    appliesTo: (operation) => !isProbe(operation),
  },
};

/** Adds to an operation every failure that it does not describe itself. */
export function addFailures(operation: Operation, path: string, method: string): void {
  for (const [status, failure] of Object.entries(FAILURES)) {
    if (status in operation.responses || !failure.appliesTo(operation, path, method)) continue;
    operation.responses[status] = { $ref: `#/components/responses/${failure.name}` };
  }
}

/** The responses that {@link addFailures} refers to, and the envelope that they all have. */
export function failureComponents(): Pick<Components, 'schemas' | 'responses' | 'headers'> {
  const responses = Object.entries(FAILURES).map(([status, { name, description }]) => {
    const codes = codesOf(Number(status));
    return [
      name,
      {
        description: `${description} Code: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
        headers: {
          'X-Request-Id': { $ref: '#/components/headers/RequestId' },
          ...(['429', '503'].includes(status) && {
            'Retry-After': { $ref: '#/components/headers/RetryAfter' },
          }),
        },
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
      },
    ];
  });
  return {
    schemas: { ErrorEnvelope: ERROR_ENVELOPE, FieldProblem: FIELD_PROBLEM },
    responses: Object.fromEntries(responses) as Components['responses'],
    headers: {
      RequestId: { description: 'Names the request in the log.', schema: { type: 'string' } },
      RetryAfter: { description: 'Seconds after which a retry makes sense.', schema: { type: 'integer' } },
    },
  };
}

function codesOf(status: number): ErrorCode[] {
  return (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ERROR_CODES[code] === status);
}

const CODE_LIST = Object.entries(ERROR_CODES)
  .map(([code, status]) => `\`${code}\` (${status})`)
  .join(', ');

const FIELD_PROBLEM = {
  type: 'object',
  description: 'One field that was refused.',
  required: ['field', 'message'],
  properties: {
    field: { type: 'string', description: 'Path of the field: `assertions.0.value`.' },
    message: { type: 'string', description: 'What is wrong with it, for a person.' },
  },
};

const ERROR_ENVELOPE = {
  type: 'object',
  description: 'What every failure looks like.',
  required: ['status', 'error', 'code', 'timestamp', 'request_id'],
  properties: {
    status: { type: 'string', enum: ['error'], description: 'Says that the request failed.' },
    error: { type: 'string', description: 'What went wrong, for a person.' },
    code: {
      type: 'string',
      enum: Object.keys(ERROR_CODES),
      description: `What went wrong, for a program. With their HTTP status: ${CODE_LIST}.`,
    },
    timestamp: { type: 'string', format: 'date-time', description: 'When it went wrong, ISO 8601 in UTC.' },
    request_id: {
      type: 'string',
      description: 'Names the request in the log; also in the header `X-Request-Id`.',
    },
    details: {
      type: 'array',
      items: { $ref: '#/components/schemas/FieldProblem' },
      description: 'The fields that were refused; only when there are any.',
    },
  },
  example: {
    status: 'error',
    error: 'The request is not valid: name must not be empty.',
    code: 'VALIDATION_FAILED',
    timestamp: '2026-01-01T12:00:00.000Z',
    request_id: '4f7c1a52-7a50-4d1e-9c57-1f2f6f0f9a11',
    details: [{ field: 'name', message: 'must not be empty' }],
  },
};
