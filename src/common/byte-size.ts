const UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of a size such as `500MB`, `10GB` or `1.5GiB`; `undefined` when it is not one. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?) ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/.exec(text.trim());
  return match ? Math.round(Number(match[1]) * UNITS[match[2]!]!) : undefined;
}

/** A size for people, to a tenth: 10000000000 → `10.0 GB`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['TB', 'GB', 'MB', 'kB'])
    if (bytes >= UNITS[unit]!) return `${(bytes / UNITS[unit]!).toFixed(1)} ${unit}`;
  return `${bytes} B`;
}
