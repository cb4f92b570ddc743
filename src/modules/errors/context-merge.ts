type Context = Record<string, unknown>;

/**
 * The context of a group after one more report: the union of both, the newest value of each key wins, objects under the
 * same key are merged one level deep. The statement that stores groups does the same in SQL: see `errors.sql.ts`.
 */
export function mergeContexts(older: Readonly<Context>, newer: Readonly<Context>): Context {
  const merged: Context = { ...older };
  for (const [key, value] of Object.entries(newer)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
  return merged;
}

function isObject(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
