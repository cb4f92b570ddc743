/** An endpoint among those that it cannot work without. */
export interface DependencyNode {
  depends_on: readonly string[];
  /** Whether it is down. */
  dead: boolean;
}

/**
 * What an endpoint depends on, directly or through others, and is dead: the nearest first, those equally near in the
 * order in which they are named. Dependencies that run in a circle say nothing about who is to blame, so an endpoint
 * is not an ancestor of another that it depends on itself; otherwise a dead circle would blame itself, and nobody be
 * told.
 */
export function deadAncestors(id: string, nodes: ReadonlyMap<string, DependencyNode>): string[] {
  return ancestors(id, nodes).filter(
    (ancestor) => nodes.get(ancestor)?.dead && !ancestors(ancestor, nodes).includes(id),
  );
}

/** Breadth first. An endpoint in a circle is found to be its own ancestor. */
function ancestors(id: string, nodes: ReadonlyMap<string, DependencyNode>): string[] {
  const found = new Set<string>();
  let level: readonly string[] = [id];
  while (level.length > 0) {
    const next = level
      .flatMap((each) => nodes.get(each)?.depends_on ?? [])
      .filter((each) => nodes.has(each) && !found.has(each));
    level = [...new Set(next)];
    for (const each of level) found.add(each);
  }
  return [...found];
}
