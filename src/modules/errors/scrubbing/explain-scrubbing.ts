import { redactText, type TextRule } from './redact-text.js';
import type { ScrubRules } from './scrub-rules.js';
import { FILTERED } from './sensitive-keys.js';

/** One value that scrubbing changed, and why. */
export interface ScrubChange {
  /** Keys and places that lead to it: `context`, `cards`, `0`. */
  path: string[];
  /** Names of the rules, for people. */
  rules: string[];
}

/** Texts that everybody reads, which get the rules for messages. */
const MESSAGES = new Set(['message', 'stack_trace', 'url', 'culprit', 'formatted', 'value']);

/** Compares what was given with what became of it. */
export function explainScrubbing(before: unknown, after: unknown, rules: ScrubRules): ScrubChange[] {
  const changes: ScrubChange[] = [];
  compare(before, after, [], (path, given, kept) =>
    changes.push({ path, rules: reasonsOf(path, given, kept, rules) }),
  );
  return changes;
}

type Report = (path: string[], given: unknown, kept: unknown) => void;

function compare(before: unknown, after: unknown, path: string[], report: Report): void {
  if (Object.is(before, after)) return;
  if (!isNode(before) || !isNode(after)) {
    if (before !== undefined) report(path, before, after);
    return;
  }
  // In `["Authorization", "x"]` the first is the key of the second.
  const isPair = Array.isArray(before) && before.length === 2 && typeof before[0] === 'string';
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const name = isPair && key === '1' ? `1 (${String(before['0'])})` : key;
    compare(before[key], after[key], [...path, name], report);
  }
}

function isNode(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function reasonsOf(path: string[], given: unknown, kept: unknown, rules: ScrubRules): string[] {
  const last = path.at(-1) ?? '';
  const key = /^1 \((.*)\)$/s.exec(last)?.[1] ?? last;
  if (kept === FILTERED && rules.fateOf(key) === 'filter') return [`key "${key}"`];
  if (kept === FILTERED && path.some((part) => /cookies?$/i.test(part))) return ['cookie'];
  if (key === 'ip_address' && path.length <= 2) return ['IP address'];
  if (kept === '[card]') return ['payment card'];
  if (typeof given !== 'string') return ['bounds'];
  const found = rulesThatChange(given, MESSAGES.has(key) ? rules.messages : rules.values);
  return found.length > 0 ? found : ['bounds'];
}

function rulesThatChange(text: string, rules: readonly TextRule[]): string[] {
  let current = text;
  return rules.flatMap((rule) => {
    const next = redactText(current, [rule]);
    const changed = next !== current;
    current = next;
    return changed ? [rule.name] : [];
  });
}
