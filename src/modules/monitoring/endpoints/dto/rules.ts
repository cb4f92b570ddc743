import { validateHeaderName, validateHeaderValue } from 'node:http';
import { buildMessage, ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { formatDuration, parseDuration } from '../../../../common/duration.js';
import { isStatusPattern } from '../../checkers/expected-status.js';

const MAX_HEADERS = 50;
const MAX_HEADER_BYTES = 16_384;

/** Headers that belong to the connection: a check sets them itself. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** May be left out, but not null. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

function rule(
  name: string,
  message: string,
  isValid: (value: unknown) => boolean,
  options?: ValidationOptions,
) {
  return ValidateBy(
    {
      name,
      validator: {
        validate: isValid,
        defaultMessage: buildMessage((each) => `${each}$property ${message}`, options),
      },
    },
    options,
  );
}

/** A duration such as `30s`, within limits given in milliseconds. */
export function IsDuration(min: number, max: number): PropertyDecorator {
  const message = `must be a duration from ${formatDuration(min)} to ${formatDuration(max)}, such as 30s, 5m or 1h`;
  return rule('isDuration', message, (value) => {
    const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
    return milliseconds !== undefined && min <= milliseconds && milliseconds <= max;
  });
}

/** A status code or a range of them. */
export function IsStatusPattern(options?: ValidationOptions): PropertyDecorator {
  const message = 'must be a status code or a range, such as 200 or 200-299';
  return rule(
    'isStatusPattern',
    message,
    (value) => typeof value === 'string' && isStatusPattern(value),
    options,
  );
}

/** Request headers by name. */
export function IsHeaderMap(): PropertyDecorator {
  const message = `must map at most ${MAX_HEADERS} header names to text; headers of the connection cannot be set`;
  return rule('isHeaderMap', message, isHeaderMap);
}

function isHeaderMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  const bytes = entries.reduce((sum, [name, text]) => sum + name.length + String(text).length, 0);
  return entries.length <= MAX_HEADERS && bytes <= MAX_HEADER_BYTES && entries.every(isHeader);
}

function isHeader([name, value]: [string, unknown]): boolean {
  if (typeof value !== 'string' || OWN_HEADERS.has(name.toLowerCase())) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
