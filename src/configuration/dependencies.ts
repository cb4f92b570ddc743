/** What depends on what, by name. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/** Names so that whatever others depend on comes first; `dependencies` has no circles. */
export function dependenciesFirst(names: Iterable<string>, dependencies: Dependencies): string[] {
  const ordered = new Set<string>();
  for (const name of names) {
    // A list of its own, not the stack: chains may be as long as the file.
    const open = [name];
    while (open.length > 0) {
      const current = open.at(-1)!;
      const next = (dependencies.get(current) ?? []).find((each) => !ordered.has(each));
      if (next === undefined) ordered.add(open.pop()!);
      else open.push(next);
    }
  }
  return [...ordered];
}

/** Circles, each from the name at which it was found back to the same: `['A', 'B', 'A']`. */
export function circlesIn(dependencies: Dependencies): string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];
  for (const name of dependencies.keys()) {
    const open: { name: string; left: string[] }[] = [];
    const enter = (each: string): void => {
      if (done.has(each)) return;
      const start = open.findIndex((step) => step.name === each);
      if (start >= 0) circles.push([...open.slice(start).map((step) => step.name), each]);
      else open.push({ name: each, left: [...(dependencies.get(each) ?? [])] });
    };
    enter(name);
    while (open.length > 0) {
      const { name: current, left } = open.at(-1)!;
      const next = left.shift();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      done.add(current);
      open.pop();
    }
  }
  return circles;
}
