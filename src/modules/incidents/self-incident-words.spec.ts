import { backText, heldText, lostText } from './self-incident-words.js';

describe('what the incident about itself says', () => {
  const loss = { host: 'worker-1', region: 'eu', since: new Date('2026-01-31T09:30:00Z') };

  it('names one worker, and counts the others', () => {
    expect(lostText([loss])).toMatch(
      /^Worker worker-1 \(region eu\) lost the network at 2026-01-31T09:30:00.000Z: /,
    );
    expect(lostText([loss, loss])).toContain('(region eu) and 1 other lost');
    expect(lostText([loss, loss, loss])).toContain('(region eu) and 2 others lost');
  });

  it('counts', () => {
    expect(heldText(1, 1)).toBe('1 endpoint held so far; 1 worker without network.');
    expect(heldText(20, 2)).toBe('20 endpoints held so far; 2 workers without network.');
  });

  it.each([
    [0, '0 s'],
    [1_400, '1 s'],
    [90_000, '1 min 30 s'],
    [3_600_000, '1 h'],
    [3_725_000, '1 h 2 min'],
    [90_000_000, '25 h'],
  ])('a loss of %i ms lasted %s', (milliseconds, words) => {
    expect(backText(milliseconds, 3)).toBe(`The network is back after ${words}. 3 endpoints had been held.`);
  });
});
