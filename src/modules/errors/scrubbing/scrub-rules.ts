import { linearPattern } from '../../../common/linear-pattern.js';
import type { SettingsByName } from '../../settings/settings.reader.js';
import { addressRule } from './ip-addresses.js';
import { patternRule } from './pattern-rule.js';
import { redactAssignments } from './redact-assignments.js';
import {
  DEFAULT_MESSAGE_RULES,
  DEFAULT_VALUE_RULES,
  MESSAGE_PATTERNS,
  type TextRule,
  VALUE_PATTERNS,
} from './redact-text.js';
import { isSensitiveKey } from './sensitive-keys.js';

export type PrivacySettings = SettingsByName['privacy'];
export type PrivacyChoices = Omit<PrivacySettings, 'sources'>;

/** What becomes of the value under a key: taken out whole, left as it is, or looked through. */
export type KeyFate = 'filter' | 'safe' | undefined;

/** The settings, made ready once for all the reports that follow. */
export interface ScrubRules {
  /** Whether the built-in rules hold. */
  defaults: boolean;
  fateOf(key: string): KeyFate;
  /** For messages, stack traces and URLs, */
  messages: readonly TextRule[];
  /** and for other values. */
  values: readonly TextRule[];
  ipAddresses: PrivacyChoices['ip_addresses'];
}

export const DEFAULT_RULES: ScrubRules = {
  defaults: true,
  fateOf: (key) => (isSensitiveKey(key) ? 'filter' : undefined),
  messages: DEFAULT_MESSAGE_RULES,
  values: DEFAULT_VALUE_RULES,
  ipAddresses: 'keep',
};

/** Nothing is changed. */
export const UNTOUCHED: ScrubRules = {
  defaults: false,
  fateOf: () => undefined,
  messages: [],
  values: [],
  ipAddresses: 'keep',
};

export function compileRules(choices: PrivacyChoices): ScrubRules {
  if (isDefault(choices)) return DEFAULT_RULES;
  const fateOf = fates(choices);
  const chosen = choices.keys.map(keyPattern);
  const own = choices.patterns.map(({ name, pattern, replacement }) =>
    patternRule(name, linearPattern(pattern), replacement),
  );
  const assigned: TextRule = {
    name: 'assigned secret',
    mayApply: () => true,
    redact: (text) =>
      redactAssignments(text, {
        isSensitive: (key) => fateOf(key) === 'filter',
        isChosen: (key) => matches(chosen, key),
      }),
  };
  const last = [
    ...(choices.defaults || choices.keys.length > 0 ? [assigned] : []),
    ...addressRule(choices.ip_addresses),
  ];
  return {
    defaults: choices.defaults,
    fateOf,
    messages: [...own, ...(choices.defaults ? MESSAGE_PATTERNS : []), ...last],
    values: [...own, ...(choices.defaults ? VALUE_PATTERNS : []), ...last],
    ipAddresses: choices.ip_addresses,
  };
}

function isDefault({ defaults, keys, safe_keys, patterns, ip_addresses }: PrivacyChoices): boolean {
  return defaults && keys.length + safe_keys.length + patterns.length === 0 && ip_addresses === 'keep';
}

const KNOWN_LIMIT = 5_000;

/** Remembers what it said: the same few keys come with every report. */
function fates({ defaults, keys, safe_keys }: PrivacyChoices): (key: string) => KeyFate {
  const known = new Map<string, KeyFate>();
  const safe = safe_keys.map(keyPattern);
  const chosen = keys.map(keyPattern);
  return (key) => {
    if (known.has(key)) return known.get(key);
    const filtered = matches(chosen, key) || (defaults && isSensitiveKey(key));
    const fate = matches(safe, key) ? 'safe' : filtered ? 'filter' : undefined;
    if (known.size >= KNOWN_LIMIT) known.clear();
    if (key.length <= 64) known.set(key, fate);
    return fate;
  };
}

type KeyPattern = readonly string[];

/** The pieces between the asterisks. */
function keyPattern(name: string): KeyPattern {
  return name.toLowerCase().split('*');
}

function matches(patterns: readonly KeyPattern[], key: string): boolean {
  if (patterns.length === 0) return false;
  const plain = key.slice(0, 128).toLowerCase();
  return patterns.some((pattern) => matchesKey(pattern, plain));
}

/** Each piece at its first place behind the one before: no backtracking is needed. */
function matchesKey(pieces: KeyPattern, key: string): boolean {
  const first = pieces[0]!;
  if (pieces.length === 1) return key === first;
  const last = pieces.at(-1)!;
  if (!key.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = key.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}
