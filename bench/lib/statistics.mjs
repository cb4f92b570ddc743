/** The value that `share` (0–1) of the sorted values do not exceed; the nearest rank. */
export function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values) {
  if (values.length === 0 || values.includes(undefined)) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}

/** The median of every number in records of the same shape, at any depth. */
export function medianRecord(records) {
  return Object.fromEntries(
    Object.keys(records[0]).map((key) => {
      const values = records.map((record) => record[key]);
      return [key, typeof values[0] === 'object' ? medianRecord(values) : median(values)];
    }),
  );
}

/** `total` for each thousand of `count`. */
export function perThousand(total, count) {
  return total === undefined ? undefined : (total * 1000) / count;
}
