import type { IncomingHttpHeaders } from 'node:http';
import { CodedException } from '../../../common/coded-exception.js';
import { guardJson } from '../../../common/http/json-guard.js';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const NOTHING = Buffer.alloc(0);
const CHARSET = /;\s*charset\s*=\s*"?([\w-]+)/i;

/**
 * The JSON of a body; undefined when it is empty. With `isLenient` text may hold NUL and values may be nested as deep as they
 * like, for readers that replace the one and cut the other: one error of many must not be the end of all.
 * @throws CodedException `UNSUPPORTED_MEDIA_TYPE`, `VALIDATION_FAILED`
 */
export function readJson(body: Buffer, headers: IncomingHttpHeaders, isLenient = false): unknown {
  if (body.length === 0) return undefined;
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) {
    throw new CodedException(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send JSON, with the header Content-Type: application/json.',
    );
  }
  const charset = CHARSET.exec(type)?.[1];
  guardJson(isLenient ? NOTHING : body, charset);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new CodedException('VALIDATION_FAILED', 'The body is not valid JSON.');
  }
}
