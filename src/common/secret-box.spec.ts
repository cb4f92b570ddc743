import { SecretBox } from './secret-box.js';

describe('SecretBox', () => {
  const box = new SecretBox('a secret of thirty-two characters or more');

  it('gives back what was sealed', () => {
    const value = { type: 'basic', username: 'ada', password: 'pässword' };
    expect(box.open(box.seal(value))).toEqual(value);
  });

  it('hides the value, and seals it differently each time', () => {
    const sealed = box.seal('password');
    expect(Buffer.from(sealed.slice(3), 'base64').toString('latin1')).not.toContain('password');
    expect(box.seal('password')).not.toBe(sealed);
  });

  it('refuses what was altered or sealed with another secret', () => {
    const sealed = box.seal('password');
    const altered = `${sealed.slice(0, -4)}AAAA`;
    expect(() => box.open(altered)).toThrow();
    expect(() => new SecretBox('another secret of thirty-two characters').open(sealed)).toThrow();
  });
});
