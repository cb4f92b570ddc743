import { DEFAULT_KEYS, mayAssign, redactAssignments } from './redact-assignments.js';
import { FILTERED } from './sensitive-keys.js';

/** One kind of secret in running text. Only the secret is replaced, so that the text around it survives. */
export interface TextRule {
  /** What it takes out, for people. */
  name: string;
  /** A cheap look that rules out most texts. */
  mayApply(text: string): boolean;
  redact(text: string): string;
}

const PEM_BEGIN = '-----BEGIN ';
const PEM_END = '-----END ';
const PEM_DASHES = '-----';

/** A body without its end was cut: everything after its beginning goes. */
const pem: TextRule = {
  name: 'PEM block',
  mayApply: (text) => text.includes(PEM_BEGIN),
  redact(text) {
    let kept = '';
    let from = 0;
    for (;;) {
      const begin = text.indexOf(PEM_BEGIN, from);
      if (begin < 0) return kept + text.slice(from);
      kept += `${text.slice(from, begin)}[pem]`;
      const end = text.indexOf(PEM_END, begin);
      const last = end < 0 ? -1 : text.indexOf(PEM_DASHES, end + PEM_END.length);
      if (last < 0) return kept;
      from = last + PEM_DASHES.length;
    }
  },
};

const URL_USER = /(:\/\/)[^\s/?#:@]{0,256}:[^\s/?#]{0,256}@/g;
const urlUser: TextRule = {
  name: 'password in URL',
  mayApply: (text) => text.includes('://') && text.includes('@'),
  redact: (text) => text.replace(URL_USER, `$1${FILTERED}@`),
};

const BEARER = /(?<![a-z])(bearer)\s{1,4}(?=[\w.~+/-]{0,64}[\d.])[\w.~+/-]{8,4096}=*/gi;
const BASIC = /(?<![a-z])(basic)\s{1,4}([\w+/-]{8,1024}={0,2})/gi;
const KNOWN_TOKEN =
  /(?<![\w-])eyJ[\w-]{8,2048}\.[\w-]{8,4096}(?:\.[\w-]{0,2048})?|\b(?:AKIA[A-Z\d]{16}|gh[pousr]_\w{20,255}|xox[abprs]-[\w-]{10,255}|[rs]k_(?:live|test)_\w{10,255}|wk_live_\w{20,64})/g;
const MAY_AUTHORISE = /[Bb](?:earer|asic)|BEARER|BASIC|eyJ|AKIA|gh[pousr]_|xox[abprs]-|[rs]k_|wk_/;
const authorisation: TextRule = {
  name: 'access token',
  mayApply: (text) => MAY_AUTHORISE.test(text),
  redact: (text) =>
    text
      .replace(BEARER, `$1 ${FILTERED}`)
      .replace(BASIC, (match, scheme: string, value: string) =>
        isUserAndPassword(value) ? `${scheme} ${FILTERED}` : match,
      )
      .replace(KNOWN_TOKEN, FILTERED),
};

function isUserAndPassword(base64: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(base64, 'base64').toString('latin1'));
}

/** `password=x`, `"password": "x"`, `X-Api-Key: x`, and the parameters of a URL. */
const assigned: TextRule = {
  name: 'assigned secret',
  mayApply: mayAssign,
  redact: (text) => redactAssignments(text, DEFAULT_KEYS),
};

const LONG_NUMBER = /\d(?:[ -]?\d){12}/;
const CARD = /(?<![\d.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\d-])/g;
const card: TextRule = {
  name: 'payment card',
  mayApply: (text) => LONG_NUMBER.test(text),
  redact: (text) => text.replace(CARD, (match) => (isCardNumber(match) ? '[card]' : match)),
};

/** The ranges that card networks issue from, with their lengths; any other long number is an id. */
const ISSUED =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:6011|65\d\d|64[4-9]\d|35\d\d|62\d\d)\d{12})$/;

/** A number that a card network could have issued and that passes Luhn’s check (ISO/IEC 7812-1). */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!ISSUED.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?\b/g;
const iban: TextRule = {
  name: 'IBAN',
  mayApply: (text) => /\b[A-Z]{2}\d{2}[ A-Z\d]/.test(text),
  redact: (text) => text.replace(IBAN, (match) => (isIban(match) ? '[iban]' : match)),
};

/** The check of ISO 13616: letters as numbers, the first four characters last, modulo 97 leaves 1. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  let rest = 0;
  for (const character of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const SSN = /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g;
const ssn: TextRule = {
  name: 'US social security number',
  mayApply: (text) => /\d-\d\d-\d/.test(text),
  redact: (text) => text.replace(SSN, '[ssn]'),
};

const EMAIL =
  /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}[a-z]{2,24}(?![\w-])/gi;
const email: TextRule = {
  name: 'e-mail address',
  mayApply: (text) => text.includes('@'),
  redact: (text) => text.replace(EMAIL, '[email]'),
};

const PATTERNS: readonly TextRule[] = [pem, urlUser, authorisation, iban, card, ssn];
/** For values of the context. An e-mail address there is data about the user, and stays. */
export const DEFAULT_VALUE_RULES: readonly TextRule[] = [...PATTERNS, assigned];
/** For messages, stack traces and URLs, which everybody reads. */
export const DEFAULT_MESSAGE_RULES: readonly TextRule[] = [...PATTERNS, email, assigned];
/** What {@link DEFAULT_MESSAGE_RULES} are without assignments, which depend on the keys that are known. */
export const MESSAGE_PATTERNS: readonly TextRule[] = [...PATTERNS, email];
export const VALUE_PATTERNS = PATTERNS;

/** Takes out what each rule finds, in their order. Only what is secret is replaced. */
export function redactText(text: string, rules: readonly TextRule[]): string {
  let redacted = text;
  for (const rule of rules) if (rule.mayApply(redacted)) redacted = rule.redact(redacted);
  return redacted;
}
