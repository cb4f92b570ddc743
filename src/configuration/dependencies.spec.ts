import { circlesIn, dependenciesFirst } from './dependencies.js';

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

describe('what depends on what', () => {
  it('puts first what others depend on', () => {
    expect(dependenciesFirst(['A', 'D'], graph({ A: ['B', 'C'], B: ['C'], D: [] }))).toEqual([
      'C',
      'B',
      'A',
      'D',
    ]);
  });

  it.each([
    [{ A: ['A'] }, [['A', 'A']]],
    [{ A: ['B'], B: ['C'], C: ['A'] }, [['A', 'B', 'C', 'A']]],
    [{ A: ['B'], B: ['C'], C: ['B'] }, [['B', 'C', 'B']]],
    [{ A: ['B', 'C'], B: ['D'], C: ['D'] }, []],
  ] as [Record<string, string[]>, string[][]][])('finds the circles in %j', (edges, circles) => {
    expect(circlesIn(graph(edges))).toEqual(circles);
  });

  it('takes long chains', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `N${index}`);
    const chain = new Map(names.map((name, index) => [name, names.slice(index + 1, index + 2)]));
    expect(circlesIn(chain)).toEqual([]);
    expect(dependenciesFirst(names, chain)[0]).toBe('N19999');
  });
});
