import { ID, NUMBER } from './placeholders.js';

const MIN_RANDOM_PART = 6;
const MIN_RANDOM_WORD = 16;
const MIN_RANDOM_LETTERS = 12;
/** Share of places where the kind of character changes, from which text with a digit reads as random: `NffrFeUfNV2Hib`. */
const RANDOM_CHANGES = 0.4;
/** Separate groups of digits from which it does: `x7k2m`. */
const RANDOM_DIGIT_GROUPS = 2;
/** Share of capitals that tells random letters from `camelCase`. */
const RANDOM_CAPITALS = 0.35;

const DIGIT = /\d/;
const DIGITS = /^\d+(?:\.\d+|st|nd|rd|th)?$/i;
const HEX = /^(?=\w*\d)(?=\w*[a-f])(?:[\da-f]{7,}|[\dA-F]{7,}|0x[\da-f]+)$/i;
const ONE_CASE = /^(?:[^a-z]*|[^A-Z]*)$/;
const TRAILING_DIGITS = /^[a-z]+(?=\d+$)/i;
const LEADING_DIGITS = /^\d+(?=[a-z]+$)/i;
const WORD_WITH_ID = /^((?:[a-z]{2,8}[_-])*)([\w+-]+={0,2})$/;

/** Replaces one run of letters and digits when it is, or carries, a number or an id; `i18n` and `utf8Encode` stay. */
export function normalisePart(part: string): string {
  if (!DIGIT.test(part))
    return part.length >= MIN_RANDOM_LETTERS && isRandomLetters(shapeOf(part)) ? ID : part;
  if (DIGITS.test(part)) return NUMBER;
  if (HEX.test(part) && ONE_CASE.test(part.replace(/^0x/i, ''))) return ID;
  const letters = TRAILING_DIGITS.exec(part)?.[0];
  if (letters !== undefined) return letters + NUMBER;
  if (part.length >= MIN_RANDOM_PART && isRandom(shapeOf(part), part.length)) return ID;
  const digits = LEADING_DIGITS.exec(part)?.[0];
  return digits === undefined ? part : NUMBER + part.slice(digits.length);
}

/** A whole word that is a random id, dashes and underscores included, perhaps behind a kind: `cus_NffrFeUfNV2Hib`, a nanoid. */
export function normaliseRandomWord(word: string): string | undefined {
  if (word.length < MIN_RANDOM_WORD) return undefined;
  const match = WORD_WITH_ID.exec(word);
  if (!match || match[2]!.length < MIN_RANDOM_LETTERS) return undefined;
  const shape = shapeOf(match[2]!);
  if (shape.capitals === 0 || shape.smalls === 0) return undefined;
  return isRandom(shape, match[2]!.length) ? match[1]! + ID : undefined;
}

const OTHER = 0;
const NUMERAL = 1;
const LOWER = 2;
const UPPER = 3;

interface Shape {
  /** Places where one kind of character follows another. */
  changes: number;
  digitGroups: number;
  capitals: number;
  smalls: number;
}

function isRandom({ changes, digitGroups }: Shape, length: number): boolean {
  return digitGroups >= RANDOM_DIGIT_GROUPS || (digitGroups > 0 && changes >= RANDOM_CHANGES * length);
}

function isRandomLetters({ changes, capitals, smalls }: Shape): boolean {
  const length = capitals + smalls;
  return Math.min(capitals, smalls) >= RANDOM_CAPITALS * length && changes >= RANDOM_CAPITALS * length;
}

function shapeOf(text: string): Shape {
  const shape = { changes: -1, digitGroups: 0, capitals: 0, smalls: 0 };
  let before = -1;
  for (let index = 0; index < text.length; index++) {
    const kind = kindOf(text.charCodeAt(index));
    if (kind === UPPER) shape.capitals++;
    else if (kind === LOWER) shape.smalls++;
    if (kind === before) continue;
    shape.changes++;
    if (kind === NUMERAL) shape.digitGroups++;
    before = kind;
  }
  return shape;
}

function kindOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return NUMERAL;
  if (code >= 0x61 && code <= 0x7a) return LOWER;
  if (code >= 0x41 && code <= 0x5a) return UPPER;
  return OTHER;
}
