import { groupBatch, mergedContextJson, type PendingError } from './error-batch.js';
import type { ErrorReport } from '../error-report.js';

function pending(fingerprint: string, report: Partial<ErrorReport> = {}): PendingError {
  const whole = { level: 'error', message: 'x', context: {}, environment: null, ...report } as ErrorReport;
  return {
    id: '',
    receivedAt: new Date(0),
    report: whole,
    contextJson: JSON.stringify(whole.context),
    grouping: { fingerprint, version: 1, text: '' },
  };
}

describe('groupBatch', () => {
  it('sorts groups by fingerprint and keeps the order of arrival inside', () => {
    const [b1, a1, b2] = [pending('b'), pending('a'), pending('b')];
    expect(groupBatch([b1, a1, b2]).map(({ fingerprint, members }) => [fingerprint, members])).toEqual([
      ['a', [a1]],
      ['b', [b1, b2]],
    ]);
  });

  it('takes the worst level, every environment once, and the merged context', () => {
    const [group] = groupBatch([
      pending('a', { level: 'info', environment: 'staging', context: { a: 1 } }),
      pending('a', { level: 'error', environment: 'production', context: { a: 2 } }),
      pending('a', { level: 'debug', environment: 'staging', context: { b: 3 } }),
    ]);
    expect(group).toMatchObject({
      level: 'error',
      environments: ['staging', 'production'],
    });
    expect(mergedContextJson(group!)).toBe('{"a":2,"b":3}');
  });
});
