import * as fc from 'fast-check';
import { type Declared, type Existing, planChanges } from './changes.js';
import { describeChanges } from './describe-changes.js';

const existing = (settings: Declared, managed = true): Existing => ({
  id: `id of ${String(settings['name'])}`,
  settings,
  managed,
});

describe('planning the changes that a configuration file asks for', () => {
  const API = { name: 'API', interval: '1m', auth: null };

  it('creates what is missing, updates what differs, and leaves alone what agrees', () => {
    const wanted = new Map<string, Declared>([
      ['API', { ...API, interval: '30s', auth: { type: 'bearer', token: 'secret' } }],
      ['Shop', { name: 'Shop' }],
      ['Same', { name: 'Same' }],
    ]);
    const known = new Map([
      ['API', existing(API)],
      ['Same', existing({ name: 'Same' })],
    ]);
    const changes = planChanges(wanted, known, false);
    expect(describeChanges('endpoint', changes)).toEqual([
      '~ endpoint API',
      '    interval: 1m → 30s',
      '    auth: changed',
      '+ endpoint Shop',
    ]);
  });

  it('adopts what was made by hand under the same name', () => {
    const changes = planChanges(new Map([['API', API]]), new Map([['API', existing(API, false)]]), false);
    expect(changes).toMatchObject([{ action: 'update', fields: [] }]);
    expect(describeChanges('endpoint', changes)[1]).toBe('    comes from the file from now on');
  });

  it('removes only when asked to, and only what a file once declared', () => {
    const known = new Map([
      ['Old', existing({ name: 'Old' })],
      ['By hand', existing({ name: 'By hand' }, false)],
    ]);
    expect(planChanges(new Map(), known, false)).toEqual([]);
    expect(planChanges(new Map(), known, true)).toEqual([{ action: 'delete', name: 'Old', id: 'id of Old' }]);
  });

  it('is idempotent: once made, nothing is left to change', () => {
    const things = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.dictionary(fc.constantFrom('x', 'y'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(things, things, fc.boolean(), (wantedThings, known, prune) => {
        const wanted = new Map<string, Declared>(Object.entries(wantedThings));
        const state = new Map(Object.entries(known).map(([name, settings]) => [name, existing(settings)]));
        for (const change of planChanges(wanted, state, prune)) {
          if (change.action === 'delete') state.delete(change.name);
          else state.set(change.name, existing(change.settings));
        }
        expect(planChanges(wanted, state, prune)).toEqual([]);
      }),
    );
  });
});
