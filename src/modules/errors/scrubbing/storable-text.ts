const SURROGATE = /[\ud800-\udfff]/;
/** Half a character without its other half: PostgreSQL refuses it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const REPLACEMENT = '\ufffd';

/** Text as PostgreSQL can hold it: well-formed, without NUL. */
export function storableText(text: string): string {
  const plain = text.includes('\0') ? text.replaceAll('\0', REPLACEMENT) : text;
  return SURROGATE.test(plain) ? plain.replace(LONE_SURROGATE, REPLACEMENT) : plain;
}

/** At most so many UTF-16 units, saying how many are missing. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length)}… [${text.length - length} more characters]`;
}
