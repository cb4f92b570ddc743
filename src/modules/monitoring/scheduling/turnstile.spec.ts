import { waitFor } from '../../../../test/support/wait-for.js';
import { Turnstile } from './turnstile.js';

const LONG_MS = 60_000;

/** Work that ends when told to. */
function makeWork() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    ends,
    begin: (id: number) => () => {
      begun.push(id);
      return new Promise<number>((resolve) => (ends[id] = () => resolve(id)));
    },
  };
}

describe('turnstile', () => {
  /** Lets everything happen that needs no timer. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('lets the next in when one ends, in order', async () => {
    const turnstile = new Turnstile({ width: 2, patienceMs: LONG_MS });
    const { begun, ends, begin } = makeWork();
    const all = [0, 1, 2, 3].map((id) => turnstile.pass(begin(id)));
    await settle();
    expect(begun).toEqual([0, 1]);
    ends[1]!();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    ends[0]!();
    ends[2]!();
    await settle();
    ends[3]!();
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
  });

  it('does not wait for work that hangs', async () => {
    const turnstile = new Turnstile({ width: 2, patienceMs: 20 });
    const { begun, begin } = makeWork();
    for (let id = 0; id < 7; id++) void turnstile.pass(begin(id));
    await settle();
    expect(begun).toEqual([0, 1]);
    await waitFor('all to begin', () => begun.length === 7);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('takes one place back for each, even from work that ends after its time', async () => {
    const turnstile = new Turnstile({ width: 1, patienceMs: 20 });
    const late = makeWork();
    const first = turnstile.pass(late.begin(0));
    await waitFor('its time to pass', () => turnstile.pass(() => Promise.resolve(true)));
    late.ends[0]!();
    await first;
    const { begun, begin } = makeWork();
    for (let id = 0; id < 2; id++) void turnstile.pass(begin(id));
    await settle();
    expect(begun).toEqual([0]);
  });

  it('gives the place back when work fails', async () => {
    const turnstile = new Turnstile({ width: 1, patienceMs: LONG_MS });
    await expect(turnstile.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turnstile.pass(() => Promise.resolve(1))).toBe(1);
  });
});
