import * as fc from 'fast-check';
import { deadAncestors, type DependencyNode } from './dependencies.js';

/** `child: 'parents'`; a name in capitals is dead. */
const graph = (given: Record<string, string>): Map<string, DependencyNode> =>
  new Map(
    Object.entries(given).map(([name, parents]) => [
      name,
      { depends_on: parents === '' ? [] : parents.split(' '), dead: name === name.toUpperCase() },
    ]),
  );

describe('dead ancestors', () => {
  it('come nearest first, those equally near as they are named', () => {
    const nodes = graph({ child: 'B A x', A: 'R', B: '', x: 'Y', Y: '', R: '' });
    expect(deadAncestors('child', nodes)).toEqual(['B', 'A', 'R', 'Y']);
  });

  it('are found behind one that is alive', () => {
    expect(deadAncestors('child', graph({ child: 'parent', parent: 'ROOT', ROOT: '' }))).toEqual(['ROOT']);
  });

  it('are named once, however many ways lead there', () => {
    expect(deadAncestors('child', graph({ child: 'a b', a: 'ROOT', b: 'ROOT', ROOT: '' }))).toEqual(['ROOT']);
  });

  it('are none where nothing is dead, nothing is needed, or what is needed is gone', () => {
    const nodes = graph({ child: 'parent gone', parent: '', ALONE: '' });
    expect(deadAncestors('child', nodes)).toEqual([]);
    expect(deadAncestors('ALONE', nodes)).toEqual([]);
    expect(deadAncestors('gone', nodes)).toEqual([]);
  });

  it('a dead circle blames nobody within, but is blamed by who depends on it', () => {
    const nodes = graph({ A: 'B', B: 'C', C: 'A', child: 'A', SELF: 'SELF' });
    expect(deadAncestors('A', nodes)).toEqual([]);
    expect(deadAncestors('SELF', nodes)).toEqual([]);
    expect(deadAncestors('child', nodes)).toEqual(['A', 'B', 'C']);
  });

  it('whatever the graph: it ends, each is dead, and where several are dead somebody is to blame', () => {
    const graphs = fc
      .array(fc.tuple(fc.boolean(), fc.array(fc.nat(7), { maxLength: 4 })), { minLength: 1, maxLength: 8 })
      .map(
        (list) =>
          new Map(list.map(([dead, parents], id) => [String(id), { dead, depends_on: parents.map(String) }])),
      );
    fc.assert(
      fc.property(graphs, (nodes) => {
        const dead = [...nodes.keys()].filter((id) => nodes.get(id)!.dead);
        for (const id of nodes.keys()) {
          const found = deadAncestors(id, nodes);
          expect(new Set(found).size).toBe(found.length);
          for (const each of found) expect(dead).toContain(each);
          expect(found).not.toContain(id);
        }
        if (dead.length > 0) expect(dead.some((id) => deadAncestors(id, nodes).length === 0)).toBe(true);
      }),
    );
  });
});
