import type { Call, MappedCall } from './call.js';
import type { ParsedMap } from './parsed-map.js';

/** Names that a minifier gives have hardly more letters. */
const LONGEST_SHORT_NAME = 3;
const IDENTIFIER = /^[\p{L}_$][\p{L}\d_$]*$/u;

/**
 * The calls of a stack, the one that failed first, as they were written. A source map knows places, not functions: what a
 * function was called is told by the place that calls it, which is the next call.
 */
export function mapCalls(
  calls: readonly Call[],
  mapOf: (call: Call) => ParsedMap | undefined,
): (MappedCall | undefined)[] {
  const originals = calls.map((call) => (call.line > 0 ? mapOf(call)?.find(call) : undefined));
  return originals.map((original, index) => {
    if (!original) return undefined;
    const { token: _, ...mapped } = original;
    return { ...mapped, name: nameOf(calls[index]!.name, originals[index + 1]?.token ?? null) };
  });
}

/** A name that was not shortened stays; one that was gives way to the caller’s word for it, or to none. */
function nameOf(given: string | null, callersWord: string | null): string | null {
  const last = given === null ? '' : given.slice(given.lastIndexOf('.') + 1);
  if (last.length > LONGEST_SHORT_NAME) return withoutShortOwner(given!, last);
  return callersWord !== null && IDENTIFIER.test(callersWord) ? callersWord : null;
}

/** `t.checkout` is `checkout`: what it belongs to has another short name in each build. */
function withoutShortOwner(name: string, last: string): string {
  const owner = name.slice(0, -last.length - 1);
  return owner.length > 0 && owner.length <= LONGEST_SHORT_NAME ? last : name;
}
