import { Facets, MAX_KEYS, MAX_VALUES } from './facets.js';

const NOW = 1_764_000_000;
const tally = (more: object) => ({
  f: 'x',
  s: 'web',
  n: 1,
  t: NOW * 1_000,
  l: { error: 1 },
  e: { '': 1 },
  ...more,
});

describe('Facets', () => {
  it('counts levels, environments, releases and tags', () => {
    const facets = new Facets();
    facets.addTally(
      tally({
        n: 3,
        l: { error: 2, info: 1 },
        e: { prod: 2, '': 1 },
        r: { '1.0': 3 },
        g: { os: { Linux: 2 } },
      }),
    );
    facets.addTally(tally({ g: { os: { Linux: 1, Darwin: 1 } } }));
    expect(facets.toStored()).toEqual({
      level: { n: 4, v: { error: [3, NOW], info: [1, NOW] } },
      environment: { n: 2, v: { prod: [2, NOW] } },
      release: { n: 3, v: { '1.0': [3, NOW] } },
      os: { n: 4, v: { Linux: [3, NOW], Darwin: [1, NOW] } },
    });
    expect(facets.terms()).toEqual(expect.arrayContaining(['?os', 'os=Linux', 'release=1.0', 'level=info']));
  });

  it('lets a tag give way to what every report has', () => {
    const facets = new Facets();
    facets.addTally(tally({ g: { release: { '9': 1 }, '?os': { a: 1 } } }));
    expect(Object.keys(facets.toStored())).toEqual(['level']);
  });

  it('goes through its stored form unchanged, whatever the names', () => {
    const facets = new Facets();
    facets.addTally(
      tally({ g: JSON.parse('{"__proto__": {"constructor": 1}, "a": {"__proto__": 2}}') as object }),
    );
    const again = Facets.from(JSON.parse(JSON.stringify(facets.toStored())));
    expect(again.terms()).toEqual(facets.terms());
    expect(again.terms()).toContain('__proto__=constructor');
  });

  it('keeps so many keys and values, and counts the rest', () => {
    const facets = new Facets();
    for (let key = 0; key < 2 * MAX_KEYS; key++) facets.add(`key-${key}`, 'x', 1, NOW);
    for (let value = 0; value < 2 * MAX_VALUES; value++) facets.add('key-0', `${value}`, 1, NOW);
    const stored = facets.toStored();
    expect(Object.keys(stored)).toHaveLength(MAX_KEYS);
    expect(Object.keys(stored['key-0']!.v)).toHaveLength(MAX_VALUES);
    expect(stored['key-0']!.n).toBe(2 * MAX_VALUES + 1);
  });

  it('lets a new value take the place of one that was not seen for a day', () => {
    const facets = new Facets();
    for (let value = 0; value < MAX_VALUES; value++) facets.add('release', `${value}`, 1, NOW - value);
    facets.add('release', 'today', 1, NOW);
    expect(facets.toStored()['release']!.v).not.toHaveProperty('today');
    facets.add('release', 'tomorrow', 1, NOW + 86_390);
    const { v } = facets.toStored()['release']!;
    expect(v).toHaveProperty('tomorrow');
    expect(v).not.toHaveProperty(`${MAX_VALUES - 1}`);
  });

  it('cuts what is long and drops what cannot be stored', () => {
    const facets = new Facets();
    facets.addTally(tally({ g: { ['k'.repeat(99)]: { [`a\0b\ud800${'c'.repeat(300)}`]: 1 } } }));
    const own = facets.terms().find((each) => each.startsWith('k'))!;
    expect(own).toBe(`${'k'.repeat(64)}=ab\ufffd${'c'.repeat(196)}`);
  });

  it('adds up with another', () => {
    const [one, other] = [new Facets(), new Facets()];
    one.add('os', 'Linux', 2, NOW);
    for (let value = 0; value < MAX_VALUES + 5; value++) other.add('os', `${value}`, 1, NOW);
    one.merge(other);
    expect(one.toStored()['os']!.n).toBe(2 + MAX_VALUES + 5);
  });
});
