import { normalisePart } from './identifiers.js';
import {
  DATE,
  DURATION,
  FLAG,
  ID,
  IP,
  NUMBER,
  SIZE,
  TEXT,
  URL,
  withoutPlaceholders,
} from './placeholders.js';
import { placeholderFor } from './varying-words.js';

/** Characters of a line that take part in grouping. */
const LINE_LENGTH = 1_000;

/** The first non-empty lines of a text, trimmed and cut. Does not split the rest. */
export function firstLines(text: string, count: number): string[] {
  const lines: string[] = [];
  let start = skipSpace(text, 0);
  while (lines.length < count && start < text.length) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    const line = text.slice(start, Math.min(stop, start + LINE_LENGTH)).trim();
    if (line !== '') lines.push(line);
    start = skipSpace(text, stop);
  }
  return lines;
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (text.charCodeAt(index) <= 0x20) index++;
  return index;
}

/**
 * What a line is cut into, in this order: a URL, a quoted string, a word.
 * Every alternative is bounded, or begins only where its own run of characters begins: a pass takes linear time.
 */
const TOKEN =
  /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s'"`<>]+|"[^"]{0,256}"|'(?!\s)[^']{0,256}'(?!\w)|`[^`]{0,256}`|(?:[^\s'"`()[\]{}<>,;=|!?*^]|(?<=\w)'(?=\w))+/gi;

/** What databases say of the row that they refused: `Key (sku)=(AB-17)`, `values (ada, 17)`. */
const ROW_VALUES = /(\)=| values )\([^()]{0,512}\)/gi;

/** Replaces what varies in one line of text. */
export function normaliseLine(line: string): string {
  let text = prepare(line);
  if (text.includes(')=(') || text.includes(' values (')) text = text.replace(ROW_VALUES, `$1(${TEXT})`);
  text = text.replace(TOKEN, normaliseToken);
  return text.includes('‹') ? joinPlaceholders(text) : text;
}

const NOT_PLAIN = /[^\x20-\x7e]| {2}/;
const ODD_SPACE = /[\s\p{Cc}\p{Cf}]+/gu;
const FOREIGN_DIGIT = /(?!\d)\p{Nd}/gu;

/** One kind of space, one kind of digit, and none of the characters that placeholders are made of. */
function prepare(line: string): string {
  if (!NOT_PLAIN.test(line)) return line;
  return withoutPlaceholders(line).replace(ODD_SPACE, ' ').replace(FOREIGN_DIGIT, '0');
}

function normaliseToken(token: string, offset: number, line: string): string {
  const first = token[0];
  if (first === '"' || first === "'" || first === '`') return normaliseQuoted(token, offset, line);
  if (token.includes('://')) return URL + trailingMarks(token);
  return normaliseWord(token, offset, line);
}

/** The only characters whose presence can make a word something else than itself. */
const MAY_VARY = /[\d@.:]/;
const VALUE_WORD = /^(?:true|false|null|none|nil|undefined)$/i;

function normaliseWord(token: string, offset: number, line: string): string {
  if (!MAY_VARY.test(token)) return line[offset - 1] === '=' && VALUE_WORD.test(token) ? FLAG : token;
  const tail = trailingMarks(token);
  const word = token.slice(0, token.length - tail.length);
  const after = tail || line.slice(offset + token.length, offset + token.length + 16);
  return (placeholderFor(word, after) ?? normaliseParts(word)) + tail;
}

/** A word that is none of the known forms still may hold numbers and ids: `tenant_42`, `/users/7/photo`. */
const PARTS = /(?<![a-z\d.])\d+\.\d+(?![.\w])|[a-z\d]+/gi;
const PERSONAL_FOLDER = /((?:\/home|\/Users|\\Users|\/tmp)[\\/])[^\\/\s]+/gi;
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi;
const UUID_LENGTH = 36;

function normaliseParts(word: string): string {
  let text = word.includes('/') || word.includes('\\') ? word.replace(PERSONAL_FOLDER, `$1${ID}`) : word;
  if (text.length > UUID_LENGTH && text.includes('-')) text = text.replace(UUID, ID);
  return text.replace(PARTS, normalisePart);
}

/**
 * The words that tell a name of the program from a user’s value when a quoted string stands beside them:
 * `reading 'name'` is about the code, `user 'alice'` about a user.
 */
const CODE_BEFORE =
  /(?:\b(?:invoke|because|reading|setting|propert(?:y|ies)|modules?|packages?|columns?|tables?|relation|view|schema|constraint|index|fields?|attribute|function|methods?|class|interface|type|variables?|identifier|symbol|keyword|parameters?|arguments?|options?|key|import|export|named?|command|operator|event|hook|template|component|directive|element|extension|enum|trait|struct|from|of|private)|(?:Error|Exception):) $/i;
const CODE_AFTER =
  /^(?: is not (?:a|an|defined|iterable|callable|exported|in|assignable|supported)\b| is undefined| has no (?:attribute|property|member|method|element|column|field|constructor|exported|default)\b| object\b| on (?:undefined|null|a)\b| of (?:undefined|null|relation|type)\b| does not (?:exist|provide|contain)\b|\s?:)/;
const CODE_NAME = /^[-\w$.#@:\\/()]{1,128}$/;
/** Words that a value stands behind, whatever follows it; and bytes that are no text. */
const VALUE_BEFORE = /\b(?:parsing|literal|received|got|given key|input|value|inside) $/i;
const ESCAPED_BYTE = /^\\x[\da-f]{2}/i;
const PATH = /^(?:\.{0,2}\/|~\/|[a-z]:\\)/i;
const CONTEXT = 24;

/** A quoted value is replaced; a quoted name of the program, a path or code in backticks is only normalised inside. */
function normaliseQuoted(token: string, offset: number, line: string): string {
  const end = offset + token.length;
  const before = line.slice(Math.max(0, offset - CONTEXT), offset);
  if (before.endsWith('=') || before.endsWith('= ') || VALUE_BEFORE.test(before)) return TEXT;
  const quote = token[0]!;
  const content = token.slice(1, -1);
  if (ESCAPED_BYTE.test(content)) return TEXT;
  const isCode =
    quote === '`' ||
    PATH.test(content) ||
    (CODE_NAME.test(content) &&
      (CODE_BEFORE.test(before) || CODE_AFTER.test(line.slice(end, end + CONTEXT))));
  return isCode ? quote + content.replace(TOKEN, normaliseToken) + quote : TEXT;
}

/** Punctuation that ends a word without being part of it. */
function trailingMarks(token: string): string {
  let start = token.length;
  while (start > 0 && '.,:;!?)]}'.includes(token[start - 1]!)) start--;
  return token.slice(start);
}

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?';
const WEEKDAY = '(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?';
const WRITTEN_DATE = new RegExp(
  `\\b${WEEKDAY}(?:${NUMBER} ${MONTH},? ${NUMBER}|${MONTH} ${NUMBER},? ${NUMBER}|${MONTH} ${NUMBER}(?= ${DATE}))|${WEEKDAY}${NUMBER} ${MONTH},? ${NUMBER}`,
  'gi',
);
const DATE_AND_TIME = new RegExp(
  `${DATE}(?:,? (?:at )?${DATE}| ${NUMBER}(?=$|\\])| (?:am|pm|utc|z|gmt)\\b(?:[+-]${NUMBER})?(?: \\([a-z ]{2,40}\\))?)+`,
  'gi',
);
const COUNTED_TIME = new RegExp(
  `${NUMBER} ?(?:ns|ms|milliseconds?|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?)\\b`,
  'g',
);
const COUNTED_SIZE = new RegExp(`${NUMBER} ?(?:[KMGT]i?B|[kmgt]b|bytes?)\\b`, 'g');
/** `1 error` and `3 errors`, `1 validation error` and `2 validation errors`. */
const PLURAL = new RegExp(`(${NUMBER} (?:[a-z]{1,20} )?[a-z-]{3,30}[b-hj-rtv-z])s\\b`, 'g');
const BRACKETED_IP = new RegExp(`\\[${IP}\\](?::${NUMBER})?`, 'g');
/** `1, 2, 3` and `1,234` alike: how many there are does not make another problem. */
const LIST = /(‹\w+›)(?:, ?\1)+/g;

/** Values that are written in several words. */
function joinPlaceholders(text: string): string {
  let joined = text;
  if (joined.includes(NUMBER)) {
    joined = joined
      .replace(WRITTEN_DATE, DATE)
      .replace(COUNTED_TIME, DURATION)
      .replace(COUNTED_SIZE, SIZE)
      .replace(PLURAL, '$1');
  }
  if (joined.includes(IP)) joined = joined.replace(BRACKETED_IP, IP);
  if (joined.includes(DATE)) joined = joined.replace(DATE_AND_TIME, DATE);
  return joined.replace(LIST, '$1');
}
