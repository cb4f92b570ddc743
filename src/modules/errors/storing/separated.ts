/** Control characters that `storableText` takes out of every text, and JSON escapes: they can stand between values. */
export const SEPARATOR = '\u001f';
const NULL = '\u001e';

/**
 * A column of values as one text, which PostgreSQL takes apart with {@link fromSeparated}. Arrays of the driver’s own
 * have every quote and backslash escaped and looked for again, which for stack traces and JSON costs more than all else.
 * Null when nothing is in it.
 */
export function separated(values: readonly (string | number | null)[]): string | null {
  let isEmpty = true;
  const texts = values.map((value) => {
    if (value === null) return NULL;
    isEmpty = false;
    return value;
  });
  return isEmpty ? null : texts.join(SEPARATOR);
}

/** SQL for the array of this type that the parameter holds. One empty text alone looks like no text at all. */
export function fromSeparated(parameter: number, type: string): string {
  const array = `string_to_array($${parameter}::text, U&'\\001f', U&'\\001e')`;
  if (type !== 'text') return `${array}::${type}[]`;
  return `CASE WHEN $${parameter}::text = '' THEN ARRAY[''] ELSE ${array} END`;
}
