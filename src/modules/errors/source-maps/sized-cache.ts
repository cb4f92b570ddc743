/** What is held by how large it is; what was asked for longest ago goes first. */
export class SizedCache<Value> {
  private readonly entries = new Map<string, { value: Value; size: number }>();
  private total = 0;

  constructor(private readonly limit: number) {}

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value, size: number): void {
    this.delete(key);
    this.entries.set(key, { value, size });
    this.total += size;
    for (const oldest of this.entries.keys()) {
      if (this.total <= this.limit) return;
      this.delete(oldest);
    }
  }

  /** Says how large a value turned out to be, unless something else has taken its place. */
  resize(key: string, value: Value, size: number): void {
    if (this.entries.get(key)?.value === value) this.set(key, value, size);
  }

  /** Unless something else has taken its place. */
  forget(key: string, value: Value): void {
    if (this.entries.get(key)?.value === value) this.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }

  private delete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.total -= entry.size;
  }
}
