import { QueryFailedError } from 'typeorm';
import { databaseFailure } from './database-failure.js';

const driverError = (code: string): Error => Object.assign(new Error('x'), { code });

describe('databaseFailure', () => {
  it.each(['ECONNREFUSED', 'ENOENT', '55P03', '57014', '57P01', '57P03'])('%s means: not now', (code) => {
    expect(databaseFailure(driverError(code))).toBe('unavailable');
    expect(databaseFailure(new QueryFailedError('SELECT 1', [], driverError(code)))).toBe('unavailable');
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('“%s” means: not now', (message) => {
    expect(databaseFailure(new Error(message))).toBe('unavailable');
  });

  it('tells text that cannot be stored from other failures', () => {
    expect(databaseFailure(new QueryFailedError('', [], driverError('22P05')))).toBe('bad_text');
    expect(databaseFailure(new QueryFailedError('', [], driverError('42P01')))).toBe('other');
  });

  it('leaves what is none alone', () => {
    expect(databaseFailure(new Error('boom'))).toBeUndefined();
    expect(databaseFailure('boom')).toBeUndefined();
  });
});
