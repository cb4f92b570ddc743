import { FILTERED, isSensitiveKey } from './sensitive-keys.js';

/** A key and what stands between it and its value: `password=`, `"password": `, `\"password\":`, `[password] => `. */
const ASSIGNMENT =
  /(?<![\w.-])(?<!unexpected )((?:api |private )?[\w.-]{1,64})(\\{0,8}["']?\]?)[ \t]{0,8}(={1,3}>?|:=?(?!:|\/\/))([ \t]{0,8})/gi;
/** Rules out most texts. */
const MAY_ASSIGN =
  /pass|secret|api.?key|auth|credential|pwd|private.?key|token|[cx]srf|sess|otp|factor|pin|cv[vc]|ssn|cookie|connect.?sid/i;

const OPENING_QUOTE = /(\\{0,8})(["'])/y;
const LIST = /\[\s{0,8}(?=\\{0,8}["'])/y;
const NEXT_IN_LIST = /\\{0,8}["']\s{0,8},\s{0,8}/y;
const SCHEME =
  /(?:basic|bearer|token|digest|negotiate|ntlm|hawk|hmac|oauth|jwt|key|api-?key|aws4-hmac-sha256)[ \t]{1,8}(?=\S)/iy;
const WORD = /[^\s&;,"'<>()]+/y;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const CLOSING = '}])\\';

/** Headers whose value is the rest of the line. */
const HEADER = /^(?:proxy-)?authorization$|^(?:set-)?cookie$/i;
const REST_OF_LINE = /[^\r\n]+/y;
/** Where a line ends is for what stands before the key to say: a quote, or the backslash of an escaped line feed. */
const REST_OF_LINE_AFTER: Readonly<Record<string, RegExp>> = {
  '"': /[^\r\n"]+/y,
  "'": /[^\r\n']+/y,
  '\\': /(?:(?!\\[rn])[^\r\n"'])+/y,
};

/**
 * In `AuthService: not ready` and `TokenError: jwt malformed` the word before the colon says who speaks, and no secret
 * follows; in `reset_token: x` it names the secret.
 */
const NAMES_A_SECRET =
  /(?:password|passwd|passphrase|pwd|secret|token|key|authorization|credential|cookie|csrf|xsrf|sessid|connect\.sid|otp|two-?_?factor|pin|cvv|cvc|ssn|hash|confirmation|value)s?\d*$/i;
const AUTH = /auth$/i;
/** `auth:8080`, `token:12:5`: a port or a line. */
const PORT = /\d+(?![\w.-])/y;
/** What messages say about a secret instead of showing it: `token: expected string`. */
const PROSE =
  /(?:an?|the|is|are|was|in|of|not|no|none|null|nil|undefined|true|false|must|should|can(?:not|'t)?|could|does|has|have|expected|unexpected|invalid|malformed|missing|required|fail(?:ed|ure)|error|expired|revoked|denied|unauthorized|forbidden|too|unknown|unable|empty|blank|wrong|incorrect|mismatch)(?![\w-])/iy;

/** Which keys assign a secret. */
export interface AssignedKeys {
  isSensitive: (key: string) => boolean;
  /** Whether people chose it: then what follows is taken out however it looks. */
  isChosen: (key: string) => boolean;
}

export const DEFAULT_KEYS: AssignedKeys = { isSensitive: isSensitiveKey, isChosen: () => false };

interface Assignment {
  key: string;
  /** What closes the key: a quote, maybe escaped, or a bracket. */
  keyEnd: string;
  operator: string;
  spaced: boolean;
  /** The character before the key. */
  before: string;
  valueAt: number;
  isChosen: boolean;
}

/** Takes out the values that follow sensitive keys. Other values are looked through for keys of their own. */
export function redactAssignments(text: string, keys: AssignedKeys): string {
  let kept = '';
  let from = 0;
  ASSIGNMENT.lastIndex = 0;
  for (let match = ASSIGNMENT.exec(text); match; match = ASSIGNMENT.exec(text)) {
    const assignment = assignmentOf(match, text, keys);
    for (const { start, end } of assignment ? secretSpans(text, assignment) : []) {
      kept += text.slice(from, start) + FILTERED;
      from = end;
      ASSIGNMENT.lastIndex = end;
    }
  }
  return kept + text.slice(from);
}

/** Whether {@link redactAssignments} could find anything. */
export function mayAssign(text: string): boolean {
  return MAY_ASSIGN.test(text);
}

function assignmentOf(
  match: RegExpExecArray,
  text: string,
  { isSensitive, isChosen }: AssignedKeys,
): Assignment | undefined {
  const [whole, written, keyEnd, operator, space] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const before = text[match.index - 1] ?? '';
  // In `\nCookie`, with an escaped line feed, the n is none of the key's.
  const key = before === '\\' && !isSensitive(written) ? written.replace(/^[nrt]/, '') : written;
  if (!isSensitive(key)) return undefined;
  return {
    key,
    keyEnd,
    operator,
    spaced: space !== '',
    before,
    valueAt: match.index + whole.length,
    isChosen: isChosen(key),
  };
}

interface Span {
  start: number;
  end: number;
}

function secretSpans(text: string, assignment: Assignment): Span[] {
  const listed = assignment.valueAt + (matchAt(LIST, text, assignment.valueAt)?.[0].length ?? 0);
  const isQuoted = matchAt(OPENING_QUOTE, text, listed) !== null;
  if (!isAssigned(text, assignment, isQuoted)) return [];
  return isQuoted ? quotedSpans(text, listed, listed > assignment.valueAt) : unquotedSpan(text, assignment);
}

/** One text, or all of a list. */
function quotedSpans(text: string, from: number, isList: boolean): Span[] {
  const spans: Span[] = [];
  let at = from;
  for (let opening = matchAt(OPENING_QUOTE, text, at); opening; opening = matchAt(OPENING_QUOTE, text, at)) {
    const start = at + opening[0].length;
    const end = endOfQuoted(text, start, opening[2]!, opening[1]!.length);
    spans.push({ start, end });
    const next = isList && matchAt(NEXT_IN_LIST, text, end);
    if (!next) break;
    at = end + next[0].length;
  }
  return spans;
}

function unquotedSpan(text: string, { key, operator, spaced, before, valueAt }: Assignment): Span[] {
  if (spaced && matchAt(PROSE, text, valueAt)) return [];
  const start = valueAt + (matchAt(SCHEME, text, valueAt)?.[0].length ?? 0);
  const isHeader = operator === ':' && HEADER.test(key);
  const rest = isHeader ? (REST_OF_LINE_AFTER[before] ?? REST_OF_LINE) : WORD;
  return wordSpan(text, start, matchAt(rest, text, start)?.[0] ?? '');
}

/** Colons and arrows mean other things too, unless quotes or, before arrows, brackets say that this is a property. */
function isAssigned(
  text: string,
  { key, keyEnd, operator, spaced, valueAt, isChosen }: Assignment,
  quoted: boolean,
): boolean {
  if (/["']/.test(keyEnd)) return true;
  if (operator === '=>') return quoted || keyEnd.endsWith(']');
  if (operator !== ':') return true;
  if (!isChosen && !NAMES_A_SECRET.test(key) && !(quoted && AUTH.test(key))) return false;
  return spaced || quoted || !matchAt(PORT, text, valueAt);
}

/** Without the brackets that were opened before the key. Punctuation alone is no secret. */
function wordSpan(text: string, start: number, word: string): Span[] {
  if (!LETTER_OR_DIGIT.test(word)) return [];
  let unopened = word.split(']').length - word.split('[').length;
  let end = start + word.length;
  for (; CLOSING.includes(text[end - 1]!); end--) if (text[end - 1] === ']' && unopened-- <= 0) break;
  return [{ start, end }];
}

/**
 * Where the text behind an opening quote ends: before the next quote that is escaped as often as the opening one, or
 * less (then the text around it ends); at the end of the text when there is none, because a cut text may end in a secret.
 */
function endOfQuoted(text: string, start: number, quote: string, escapes: number): number {
  for (let at = text.indexOf(quote, start); at >= 0; at = text.indexOf(quote, at + 1)) {
    let run = 0;
    while (at - run > start && text[at - run - 1] === '\\') run++;
    // Each level of quoting doubles the backslashes of what is inside.
    if (run < escapes || run % (2 * escapes + 2) === escapes) return at - Math.min(run, escapes);
  }
  return text.length;
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
