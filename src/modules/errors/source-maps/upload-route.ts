import type { SourceMapInput } from '@jridgewell/trace-mapping';
import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { CodedException, type FieldProblem } from '../../../common/coded-exception.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import type {
  DirectAnswer,
  DirectHead,
  DirectRequest,
  DirectRoute,
} from '../../../common/http/direct/direct-route.js';
import { validationFailed } from '../../../common/http/validation.js';
import { ParsedMap } from './parsed-map.js';
import { plainDebugId } from './report-parts.js';
import { MAX_SCRIPT_PATH, scriptPath } from './script-path.js';
import { type MapPlace, SourceMapStore } from './source-map-store.js';

/** Largest map, before and after decompression. */
export const MAX_MAP_BYTES = 32 * 1024 * 1024;
const MAX_NAME = 200;
const DEBUG_ID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i;

/** `POST /api/source-maps?source=…&release=…&path=…`: one source map, as it is. A direct route because it may be large. */
@Injectable()
export class UploadRoute implements DirectRoute<Principal> {
  readonly pattern = '/api/source-maps';
  readonly maxBytes = MAX_MAP_BYTES;

  constructor(
    private readonly authorizer: Authorizer,
    private readonly store: SourceMapStore,
  ) {}

  matches(path: string): boolean {
    return path === this.pattern;
  }

  admit({ incoming }: DirectHead): Promise<Principal> {
    return this.authorizer.authorize(incoming, 'write');
  }

  async answer({ query, body }: DirectRequest, { sources }: Principal): Promise<DirectAnswer> {
    const given = new URLSearchParams(query);
    const place = placeOf(given);
    if (sources.length > 0 && !sources.includes(place.source))
      throw new CodedException('FORBIDDEN', `This key is not for the source "${place.source}".`);
    const own = debugIdOf(readMap(body));
    const debugId = debugIdOf(given.get('debug_id')) ?? own;
    const data = await this.store.save(place, debugId, body);
    return { status: 201, body: JSON.stringify({ status: 'success', data }) };
  }
}

/** @throws CodedException `VALIDATION_FAILED` */
function placeOf(given: URLSearchParams): MapPlace {
  const problems: FieldProblem[] = [];
  const text = (field: string, isNeeded: boolean): string => {
    const value = given.get(field)?.trim() ?? '';
    if (isNeeded && value === '') problems.push({ field, message: 'is required' });
    if (value.length > MAX_NAME)
      problems.push({ field, message: `must have at most ${MAX_NAME} characters` });
    if (/\p{Cc}/u.test(value)) problems.push({ field, message: 'must not hold control characters' });
    return value;
  };
  const place = { source: text('source', true), release: text('release', true), dist: text('dist', false) };
  const path = scriptPath(given.get('path') ?? '');
  if (path === undefined || path.includes('\0'))
    problems.push({
      field: 'path',
      message: `must be like ~/static/app.js or https://…, of at most ${MAX_SCRIPT_PATH} characters`,
    });
  if (problems.length > 0) throw validationFailed(problems);
  return { ...place, path: path! };
}

/**
 * The debug id that a map names itself.
 * @throws CodedException `VALIDATION_FAILED` when it is no source map
 */
function readMap(body: Buffer): unknown {
  try {
    const map = JSON.parse(body.toString('utf8')) as SourceMapInput & Record<string, unknown>;
    if (map['version'] !== 3) throw new Error('another version');
    // Reads all places, as a stack trace will.
    new ParsedMap(map).find({ name: null, file: '', line: 1, column: 1 });
    return map['debug_id'] ?? map['debugId'];
  } catch {
    throw new CodedException('VALIDATION_FAILED', 'The body is not a source map of version 3.');
  }
}

function debugIdOf(given: unknown): string | null {
  return typeof given === 'string' && DEBUG_ID.test(given) ? plainDebugId(given) : null;
}
