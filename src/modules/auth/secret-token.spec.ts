import { generateApiKey, generateToken, hashToken, previewKey } from './secret-token.js';

describe('API keys and tokens', () => {
  it('are long, random and in base62', () => {
    const keys = new Set(Array.from({ length: 1000 }, generateApiKey));
    expect(keys.size).toBe(1000);
    for (const key of keys) expect(key).toMatch(/^wk_live_[0-9A-Za-z]{43}$/);
    expect(generateToken()).toMatch(/^[0-9A-Za-z]{43}$/);
  });

  it('are shown by their last four characters only', () => {
    expect(previewKey('wk_live_abcdefg7890')).toBe('wk_live_****7890');
  });

  it('are stored as SHA-256', () => {
    expect(hashToken('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
