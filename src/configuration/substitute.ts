/** `${NAME}`, `${NAME:-default}`; `$${` stands for `${` itself. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

export interface Substitution {
  text: string;
  /** Variables that are not set and have no default. */
  missing: string[];
}

/** Text that means itself, also where {@link substitute} reads it. */
export function literal(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** Puts environment variables into text. A variable that is set but empty takes its default, as in a shell. */
export function substitute(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Substitution {
  const missing: string[] = [];
  const replaced = text.replace(REFERENCE, (found, name?: string, fallback?: string) => {
    if (name === undefined) return '${';
    const value = environment[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback === undefined) missing.push(name);
    return fallback ?? found;
  });
  return { text: replaced, missing };
}
