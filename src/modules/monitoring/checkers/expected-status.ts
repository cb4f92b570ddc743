const PATTERN = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

/** Whether text is a status code (`200`) or a range of them (`200-299`). */
export function isStatusPattern(text: string): boolean {
  const match = PATTERN.exec(text);
  return match !== null && (match[2] === undefined || Number(match[1]) <= Number(match[2]));
}

export function isExpectedStatus(patterns: readonly string[], status: number): boolean {
  return patterns.some((pattern) => {
    const [first, last = first] = pattern.split('-');
    return Number(first) <= status && status <= Number(last);
  });
}
