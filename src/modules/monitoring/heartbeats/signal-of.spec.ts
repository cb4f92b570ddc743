import type { CodedException } from '../../../common/coded-exception.js';
import { signalOf } from './signal-of.js';

const of = (part?: string, query = {}, body?: unknown) => signalOf({ query, body }, part);

describe('what a request to a push address reports', () => {
  it.each([
    [undefined, {}, { kind: 'success', exit_code: null }],
    [undefined, { status: 'up' }, { kind: 'success' }],
    [undefined, { status: 'down', msg: 'disk full' }, { kind: 'fail', message: 'disk full' }],
    ['start', {}, { kind: 'start' }],
    ['fail', {}, { kind: 'fail', exit_code: null }],
    ['0', {}, { kind: 'success', exit_code: 0 }],
    ['137', {}, { kind: 'fail', exit_code: 137 }],
  ])('%s %j', (part, query, expected) => {
    expect(of(part, query)).toMatchObject(expected);
  });

  it('takes the body before the parameter, and keeps its beginning', () => {
    expect(of(undefined, { msg: 'parameter' }, 'body\0 text ').message).toBe('body text');
    expect(of(undefined, { msg: 'parameter' }, ' ').message).toBe('parameter');
    expect(of(undefined, {}, 'x'.repeat(20_000)).message).toHaveLength(10_240);
  });

  it.each([
    ['12.5', 12.5],
    ['', null],
    ['-1', null],
    ['1e99', null],
    ['soon', null],
    [['1', '2'], null],
  ])('takes ping=%j for %j', (ping, expected) => {
    expect(of(undefined, { ping }).duration_ms).toBe(expected);
  });

  it.each(['256', '-1', 'stop', '1.5', ''])('refuses %j', (part) => {
    expect(() => of(part)).toThrow(
      expect.objectContaining<Partial<CodedException>>({ code: 'VALIDATION_FAILED' }),
    );
  });
});
