/**
 * Remembers answers for texts, by at most so many characters of them. Two generations: what is asked for again moves to
 * the young one; when that is full, it becomes the old one and what was old is forgotten. No bookkeeping for each use.
 */
export class BoundedMemo<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();
  private characters = 0;

  /** @param maxCharacters of the texts that are remembered, both generations together */
  constructor(private readonly maxCharacters: number) {}

  get(text: string, work: (text: string) => Value): Value {
    const known = this.young.get(text);
    if (known !== undefined) return known;
    const value = this.old.get(text) ?? work(text);
    this.remember(text, value);
    return value;
  }

  private remember(text: string, value: Value): void {
    if (text.length * 2 > this.maxCharacters) return;
    if ((this.characters + text.length) * 2 > this.maxCharacters) {
      this.old = this.young;
      this.young = new Map();
      this.characters = 0;
    }
    this.young.set(text, value);
    this.characters += text.length;
  }
}
