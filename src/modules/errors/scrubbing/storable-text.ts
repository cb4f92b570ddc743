const SURROGATE = /[\ud800-\udfff]/;
/** Half a character without its other half: PostgreSQL refuses it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const REPLACEMENT = '\ufffd';

// oxlint-disable-next-line no-control-regex -- that is what it looks for
const UNSTORABLE = /[\0\x1c-\x1f]/;
// oxlint-disable-next-line no-control-regex -- the same
const ALL_UNSTORABLE = /[\0\x1c-\x1f]/g;

/** Text as PostgreSQL can hold it: well-formed, without NUL, and without the four characters that separate values. */
export function storableText(text: string): string {
  const plain = UNSTORABLE.test(text) ? text.replace(ALL_UNSTORABLE, REPLACEMENT) : text;
  return SURROGATE.test(plain) ? plain.replace(LONE_SURROGATE, REPLACEMENT) : plain;
}

/** At most so many UTF-16 units, saying how many are missing. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length)}… [${text.length - length} more characters]`;
}
