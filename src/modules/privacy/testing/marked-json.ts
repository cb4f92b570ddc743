/** One changed value: where it is, and which rules changed it. */
interface Change {
  path: readonly string[];
  rules: readonly string[];
}

/** A value as JSON in HTML, with what was changed marked. */
export function markedJson(value: unknown, changes: readonly Change[]): string {
  const rules = new Map(changes.map(({ path, rules: names }) => [keyOf(path), names.join(', ')]));
  return render(value, [], rules);
}

function render(value: unknown, path: readonly string[], rules: ReadonlyMap<string, string>): string {
  const rule = rules.get(keyOf(path));
  if (typeof value !== 'object' || value === null) {
    const text = escapeHtml(JSON.stringify(value));
    return rule === undefined ? text : `<mark title="${escapeHtml(rule)}">${text}</mark>`;
  }
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Object.entries(value);
  if (entries.length === 0) return `${open}${close}`;
  const indent = '  '.repeat(path.length + 1);
  const isPair = Array.isArray(value) && value.length === 2 && typeof value[0] === 'string';
  const lines = entries.map(([key, inner]) => {
    const name = isPair && key === '1' ? `1 (${String(value[0])})` : key;
    const label = Array.isArray(value) ? '' : `${escapeHtml(JSON.stringify(key))}: `;
    return `${indent}${label}${render(inner, [...path, name], rules)}`;
  });
  return `${open}\n${lines.join(',\n')}\n${'  '.repeat(path.length)}${close}`;
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
