import fc from 'fast-check';
import { NetworkDoubt } from './network-doubt.js';

const SECOND = 1_000;

/** Hosts `from` to `to` fail or succeed at `at`; says what is made of the last failure. */
function observe(doubt: NetworkDoubt, hosts: readonly number[], ok: boolean, at: number) {
  for (const host of hosts) doubt.observe(`host-${host}`, ok, at);
  return ok ? undefined : doubt.judgeFailure(at, at);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('NetworkDoubt', () => {
  it('does not ask for one host, however often it fails', () => {
    const doubt = new NetworkDoubt();
    for (let at = 0; at < 60 * SECOND; at += SECOND) expect(observe(doubt, [1], false, at)).toBe('believe');
  });

  it('asks when half of the newest hosts have failed, and not before', () => {
    const doubt = new NetworkDoubt();
    observe(doubt, range(0, 10), true, 0);
    expect(observe(doubt, range(10, 19), false, 100)).toBe('believe');
    expect(observe(doubt, [19], false, 100)).toBe('ask');
  });

  it('counts a host once, by its newest outcome', () => {
    const doubt = new NetworkDoubt();
    observe(doubt, range(0, 6), true, 0);
    expect(observe(doubt, [6, 6, 6, 6, 7, 7, 7], false, 100)).toBe('believe');
    observe(doubt, [6, 7], true, 200);
    expect(observe(doubt, [1, 2, 3], false, 300)).toBe('believe');
    expect(observe(doubt, [4], false, 300)).toBe('ask');
  });

  it('notices within a moment where a thousand are checked each second', () => {
    const doubt = new NetworkDoubt();
    for (let check = 0; check < 20_000; check++) doubt.observe(`host-${check}`, true, check);
    const asked = range(20_000, 20_100).find((check) => observe(doubt, [check], false, check) === 'ask');
    expect(asked).toBe(20_009);
  });

  it('is not impressed by a tenth that is always down', () => {
    const doubt = new NetworkDoubt();
    const asked = range(0, 50_000).filter(
      (check) => observe(doubt, [check], check % 10 !== 0, check) === 'ask',
    );
    expect(asked).toEqual([]);
  });

  it('forgets after fifteen seconds', () => {
    const doubt = new NetworkDoubt();
    observe(doubt, [1], false, 0);
    expect(observe(doubt, [2], false, 14_999)).toBe('ask');
    expect(observe(doubt, [3], false, 29_999)).toBe('believe');
  });

  it('asks when nothing has succeeded for five seconds, however much did before', () => {
    const doubt = new NetworkDoubt();
    observe(doubt, range(0, 18), true, 0);
    expect(observe(doubt, [18], false, 100)).toBe('believe');
    expect(observe(doubt, [19], false, 4_999)).toBe('believe');
    expect(observe(doubt, [19], false, 5_000)).toBe('ask');
  });

  it('twelve endpoints checked once a minute: the question comes before the first quick repeat', () => {
    const doubt = new NetworkDoubt();
    const minute = range(0, 12).map((check) => check * 5 * SECOND);
    for (const [check, at] of minute.entries()) observe(doubt, [check], true, at);
    const asked = minute.findIndex((at, check) => observe(doubt, [check], false, 60 * SECOND + at) === 'ask');
    expect(minute[asked]! - minute[0]!).toBeLessThan(10 * SECOND);
  });

  describe('once the witnesses were silent', () => {
    function lose(at: number): NetworkDoubt {
      const doubt = new NetworkDoubt();
      expect(observe(doubt, range(0, 20), false, at)).toBe('ask');
      doubt.hear('silent', at, at + 2 * SECOND);
      return doubt;
    }

    it('holds every failure until one answers', () => {
      const doubt = lose(SECOND);
      expect(doubt.lostAt).toBe(SECOND);
      expect(observe(doubt, [99], false, 4 * SECOND)).toBe('hold');
      observe(doubt, range(0, 20), true, 5 * SECOND);
      expect(observe(doubt, [99], false, 6 * SECOND)).toBe('hold');
      doubt.hear('silent', 7 * SECOND, 9 * SECOND);
      expect(doubt.lostAt).toBe(SECOND);
      doubt.hear('reached', 10 * SECOND, 10 * SECOND);
      expect(doubt.lostAt).toBeNull();
      expect(observe(doubt, [99], false, 10 * SECOND)).toBe('believe');
    });

    it('holds what began before that, though it ends later', () => {
      const doubt = lose(0);
      doubt.hear('reached', 10 * SECOND, 10 * SECOND);
      doubt.observe('late', false, 15 * SECOND);
      expect(doubt.judgeFailure(9_999, 15 * SECOND)).toBe('hold');
      expect(doubt.judgeFailure(10_000, 15 * SECOND)).not.toBe('hold');
    });

    it('holds nothing any more when none of them proves anything', () => {
      const doubt = lose(0);
      doubt.hear('unproven', 20 * SECOND, 20 * SECOND);
      expect(doubt.lostAt).toBeNull();
      expect(doubt.mustHold(19 * SECOND)).toBe(false);
    });
  });

  it('believes an answer for five seconds, or for one when nothing has succeeded since', () => {
    const doubt = new NetworkDoubt();
    observe(doubt, range(0, 20), false, 0);
    doubt.hear('reached', 0, 100);
    expect(observe(doubt, [1], false, 1_099)).toBe('believe');
    expect(observe(doubt, [1], false, 1_100)).toBe('ask');
    observe(doubt, [2], true, 1_200);
    expect(observe(doubt, [1], false, 5_099)).toBe('believe');
    expect(observe(doubt, [1], false, 5_100)).toBe('ask');
  });

  it('never holds while no witness was silent, and never keeps more than twenty hosts', () => {
    const checks = fc.array(fc.tuple(fc.nat(200), fc.boolean(), fc.nat(3_000)));
    fc.assert(
      fc.property(checks, fc.constantFrom('reached' as const, 'unproven' as const), (list, says) => {
        const doubt = new NetworkDoubt();
        let at = 0;
        for (const [host, ok, wait] of list) {
          at += wait;
          const verdict = observe(doubt, [host], ok, at);
          expect(verdict).not.toBe('hold');
          if (verdict === 'ask') doubt.hear(says, at, at);
        }
        expect((doubt as unknown as { hosts: Map<string, unknown> }).hosts.size).toBeLessThanOrEqual(20);
      }),
    );
  });
});
