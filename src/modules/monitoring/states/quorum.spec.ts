import * as fc from 'fast-check';
import { QUORUMS, type Quorum } from '../../../database/entities/endpoint.entity.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { combine } from './quorum.js';

const [UP, SLOW, DOWN, NONE]: EndpointState[] = ['operational', 'degraded', 'major_outage', 'unknown'];

describe('what regions say together', () => {
  it.each<[Quorum, EndpointState[], EndpointState]>([
    ['any', [UP!, UP!, DOWN!], 'major_outage'],
    ['majority', [UP!, UP!, DOWN!], 'partial_outage'],
    ['majority', [UP!, DOWN!, DOWN!], 'major_outage'],
    ['majority', [UP!, DOWN!], 'partial_outage'],
    ['all', [UP!, DOWN!, DOWN!], 'partial_outage'],
    ['all', [DOWN!, DOWN!, DOWN!], 'major_outage'],
    ['all', [DOWN!, NONE!, NONE!], 'major_outage'],
    ['majority', [UP!, SLOW!, NONE!], 'degraded'],
    ['majority', [SLOW!, DOWN!, UP!], 'partial_outage'],
    ['any', [UP!, NONE!], 'operational'],
    ['any', [NONE!, NONE!], 'unknown'],
    ['all', [], 'unknown'],
  ])('%s of %j is %s', (quorum, states, combined) => {
    expect(combine(states, quorum)).toBe(combined);
  });

  const states = fc.array(fc.constantFrom(UP!, SLOW!, DOWN!, NONE!), { maxLength: 12 });
  const quorums = fc.constantFrom(...QUORUMS);
  const RANK: EndpointState[] = ['operational', 'degraded', 'partial_outage', 'major_outage'];
  const rank = (state: EndpointState) => RANK.indexOf(state);

  it('does not depend on their order, nor on regions that measure nothing', () => {
    fc.assert(
      fc.property(states, quorums, fc.nat(11), (list, quorum, turn) => {
        const expected = combine(list, quorum);
        const turned = [...list.slice(turn), ...list.slice(0, turn)];
        expect(combine(turned, quorum)).toBe(expected);
        expect(combine([...list, NONE!], quorum)).toBe(expected);
      }),
    );
  });

  it('is unknown just when nothing is measured, and as all say when they agree', () => {
    fc.assert(
      fc.property(states, quorums, (list, quorum) => {
        const measured = list.filter((state) => state !== NONE);
        expect(combine(list, quorum) === 'unknown').toBe(measured.length === 0);
        if (new Set(measured).size === 1) expect(combine(list, quorum)).toBe(measured[0]);
      }),
    );
  });

  it('gets no better when a region gets worse', () => {
    fc.assert(
      fc.property(states, quorums, fc.nat(11), (list, quorum, which) => {
        if (list.length === 0 || list[which % list.length] === NONE) return;
        const worse = list.with(which % list.length, DOWN!);
        expect(rank(combine(worse, quorum))).toBeGreaterThanOrEqual(rank(combine(list, quorum)));
      }),
    );
  });

  it('any is the strictest, all the most patient', () => {
    fc.assert(
      fc.property(states, (list) => {
        const [any, majority, all] = QUORUMS.map((quorum) => rank(combine(list, quorum)));
        expect(any).toBeGreaterThanOrEqual(majority!);
        expect(majority).toBeGreaterThanOrEqual(all!);
      }),
    );
  });
});
