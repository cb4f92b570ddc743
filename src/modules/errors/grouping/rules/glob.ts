/** Tells whether a text is of a form. */
export type Glob = (text: string) => boolean;

/**
 * A pattern in which `*` stands for any text, the empty one too; upper and lower case are the same. The parts between the
 * stars are looked for one after the other, which takes time linear to the text and needs no regular expression.
 */
export function globOf(pattern: string): Glob {
  const parts = pattern.toLowerCase().split('*');
  const first = parts[0]!;
  if (parts.length === 1) return (text) => text.toLowerCase() === first;
  const last = parts.at(-1)!;
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (text) => {
    const lower = text.toLowerCase();
    if (lower.length < first.length + last.length) return false;
    return (
      lower.startsWith(first) &&
      lower.endsWith(last) &&
      holdsInOrder(lower, middle, first.length, last.length)
    );
  };
}

function holdsInOrder(text: string, parts: readonly string[], from: number, tail: number): boolean {
  let at = from;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - tail;
}
