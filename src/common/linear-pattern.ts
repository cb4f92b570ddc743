import { RE2JS } from 're2js';

/**
 * A regular expression that somebody wrote into the settings. RE2’s engine takes time linear to the text for one match,
 * whatever the expression (https://swtch.com/~rsc/regexp/regexp3.html); JavaScript’s own may take centuries.
 */
export type LinearPattern = RE2JS;

/** @throws Error when it is none */
export function linearPattern(pattern: string): LinearPattern {
  return RE2JS.compile(pattern);
}

/** Why a text is no pattern that may be used, for a person; undefined when it may. */
export function patternProblem(pattern: string): string | undefined {
  try {
    if (linearPattern(pattern).matcher('').find()) return 'must not match an empty text';
    return undefined;
  } catch (error) {
    return `must be a regular expression of RE2: ${(error as Error).message}`;
  }
}
