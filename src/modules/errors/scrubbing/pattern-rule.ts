import type { LinearPattern } from '../../../common/linear-pattern.js';
import type { TextRule } from './redact-text.js';
import { FILTERED } from './sensitive-keys.js';

/** One match takes time linear to the text; very many matches that each look far ahead would not. */
const PATIENCE_MS = 25;

/**
 * A pattern of somebody’s own. When a text takes too long, the rest of it goes: better too little is kept than a secret.
 */
export function patternRule(name: string, pattern: LinearPattern, replacement: string): TextRule {
  return {
    name,
    mayApply: (text) => pattern.test(text),
    redact(text) {
      const until = performance.now() + PATIENCE_MS;
      const matcher = pattern.matcher(text);
      let kept = '';
      let from = 0;
      while (matcher.find()) {
        if (matcher.end() === matcher.start()) continue;
        kept += text.slice(from, matcher.start()) + replacement;
        from = matcher.end();
        if (performance.now() > until) return kept + FILTERED;
      }
      return kept + text.slice(from);
    },
  };
}
