import { isHostName } from './host-names.js';
import { normaliseRandomWord } from './identifiers.js';
import { DATE, DURATION, EMAIL, HOST, ID, IP, NUMBER, SIZE, VERSION } from './placeholders.js';

/** Words that are replaced whole; the first match wins. All are anchored and free of nested repetition. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?$/i, NUMBER],
  [/^0x[\da-f]+$/i, ID],
  [/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i, ID],
  [/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/, ID],
  [/^(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|\/\d{1,2})?$/, IP],
  [/^\d{4}[-/.]\d{2}[-/.]\d{2}(?:[T_]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i, DATE],
  [/^\d{8}T\d{6}(?:\.\d+)?Z?$/, DATE],
  [/^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})$/, DATE],
  [
    /^\d{1,2}[-/](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[-/]\d{2,4}(?::\d{2}:\d{2}:\d{2})?$/i,
    DATE,
  ],
  [/^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[ap]m|[+-]\d{2}:?\d{2})?$/i, DATE],
  [/^(?:\d+(?:\.\d+)?(?:ns|[uµμ]s|ms|s|secs?|m|mins?|h|hrs?|d))+$/, DURATION],
  [/^P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?$/, DURATION],
  [/^\d+(?:\.\d+)?(?:[kmgtp]i?)?b(?:ytes?)?$/i, SIZE],
  [/^v?\d+(?:\.\d+)+(?:[-+][\w.-]+)?$/i, VERSION],
  [/^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$/i, ID],
];

const EMAIL_ADDRESS = /^[^@]+@[^@.]+(?:\.[^@.]+)*\.[a-z]{2,}$/i;

/**
 * What stands for a word that is an address, an id, a date or the like as a whole.
 * @param after what follows the word in its line
 */
export function placeholderFor(word: string, after: string): string | undefined {
  for (const [form, placeholder] of FORMS) if (form.test(word)) return placeholder;
  if (isIpv6(word)) return IP;
  if (word.includes('@') && EMAIL_ADDRESS.test(word)) return EMAIL;
  if (word.includes('.') && isHostName(word, after)) return HOST;
  return normaliseRandomWord(word);
}

const HEX_GROUPS = /^[\da-f:]{2,39}$/i;
const HEX_GROUP = /^[\da-f]{0,4}$/i;

/** Needs a digit: `Ada::bad` is a method, not an address. */
function isIpv6(word: string): boolean {
  if (!word.includes(':')) return false;
  const address = word.replace(/(?:%\w{1,16}|\/\d{1,3})$/, '');
  if (!HEX_GROUPS.test(address) || !/\d/.test(address)) return false;
  const groups = address.split(':');
  if (!groups.every((group) => HEX_GROUP.test(group))) return false;
  return groups.length === 8 || (groups.length > 2 && address.includes('::'));
}
