import { fastest } from '../../../../test/support/fastest.js';
import { redactText } from './redact-text.js';
import { redactContext } from './redaction.js';
import { compileRules, DEFAULT_RULES, type PrivacyChoices } from './scrub-rules.js';

function rulesOf(choices: Partial<PrivacyChoices>) {
  return compileRules({
    defaults: true,
    keys: [],
    safe_keys: [],
    patterns: [],
    ip_addresses: 'keep',
    ...choices,
  });
}

const customer = { name: 'customer', pattern: String.raw`\bKD-\d{6}\b`, replacement: '[customer]' };

describe('compileRules', () => {
  it('answers the very same rules when nothing was chosen', () => {
    expect(rulesOf({})).toBe(DEFAULT_RULES);
  });

  it.each([
    ['customer_number', 'customer_number', true],
    ['customer_number', 'Customer_Number', true],
    ['customer_number', 'customer_numbers', false],
    ['customer*', 'customer_name', true],
    ['*_iban', 'my_iban', true],
    ['*_iban', 'my_ibans', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['*', 'anything', true],
  ])('the key rule %s holds for %s: %s', (rule, key, holds) => {
    const { fateOf } = rulesOf({ keys: [rule], defaults: false });
    expect(fateOf(key)).toBe(holds ? 'filter' : undefined);
  });

  it('lets safe keys win over all other rules, and over what lies below them', () => {
    const rules = rulesOf({ safe_keys: ['token_*'], patterns: [customer] });
    expect(
      redactContext({ token_count: 'KD-123456', token: 'x', token_info: { password: 'y' } }, rules),
    ).toEqual({
      token_count: 'KD-123456',
      token: '[Filtered]',
      token_info: { password: 'y' },
    });
  });

  it('takes out what a chosen key is assigned in texts, however it looks', () => {
    const { messages } = rulesOf({ keys: ['kunde'], defaults: false });
    expect(redactText('kunde: 7 failed, kunde=8, {"kunde":"9"}, password=x', messages)).toBe(
      'kunde: [Filtered] failed, kunde=[Filtered], {"kunde":"[Filtered]"}, password=x',
    );
  });

  it('replaces patterns as they are written, in messages and in values', () => {
    const rules = rulesOf({ patterns: [{ ...customer, replacement: '$1[c]' }] });
    expect(redactText('no KD-123456 or KD-1234567', rules.messages)).toBe('no $1[c] or KD-1234567');
    expect(redactContext({ who: 'KD-123456' }, rules)).toEqual({ who: '$1[c]' });
  });

  it('without the built-in rules keeps what they would take', () => {
    const context = {
      password: 'x',
      cookies: { sid: '1' },
      card: 4111111111111111,
      list: 'Bearer abc123def456',
    };
    expect(redactContext(context, rulesOf({ defaults: false }))).toEqual(context);
  });

  it.each([
    ['anonymise', 'from 203.0.113.77, 2001:db8:1:2:3:4:5:6', 'from 203.0.113.0, 2001:db8:1::'],
    ['remove', 'from 203.0.113.77:8080 and [2001:db8::1]', 'from [ip]:8080 and [[ip]]'],
    ['anonymise', 'version 1.2.3 at 10:20:30 in Cafe::Bad and std::vector', undefined],
    ['remove', 'v1.2.3.4 of 1.2.3.4.5 and 999.1.1.1', undefined],
  ] as ['anonymise' | 'remove', string, string?][])(
    '%s addresses in: %s',
    (ip_addresses, text, result = text) => {
      expect(redactText(text, rulesOf({ ip_addresses }).messages)).toBe(result);
    },
  );

  it('filters lists of names with values, and texts of cookies', () => {
    expect(
      redactContext({
        headers: [
          ['Authorization', 'x'],
          ['Host', 'a'],
        ],
        cookies: 'a=1; b=2',
      }),
    ).toEqual({
      headers: [
        ['Authorization', '[Filtered]'],
        ['Host', 'a'],
      ],
      cookies: '[Filtered]',
    });
  });

  it('is not slow for patterns that would be elsewhere: a megabyte within 400 ms', () => {
    const { messages } = rulesOf({
      patterns: ['(a+)+$', 'a(.*b)?', '(x+x+)+y', '(a|a)*!'].map((pattern) => ({ ...customer, pattern })),
    });
    const text = 'a'.repeat(1_000_000);
    expect(fastest(() => redactText(text, messages))).toBeLessThan(400);
  });
});
