import { culpritOf, groupingOf } from '../fingerprint.js';

const error = {
  message: 'TypeError: order 17 is lost',
  stack_trace: 'TypeError: order 17 is lost\n    at async find (/srv/app/orders.js:1:2)',
  source: 'shop',
  level: 'error' as const,
  platform: 'node',
  tags: { tier: 'gold' },
  culprit: 'GET /orders',
};
const text = (...fingerprint: string[]) =>
  groupingOf({ ...error, fingerprint })
    .text.split('\n')
    .slice(1);

describe('a fingerprint of the report’s own', () => {
  it('takes the place of message and frames', () => {
    expect(text('lost orders', 'x1')).toEqual(['fingerprint: lost orders', 'fingerprint: x1']);
  });

  it('may hold our own grouping, and alone that is none', () => {
    expect(text('{{ default }}', 'eu')).toEqual([
      'message: TypeError: order ‹number› is lost',
      'frame: find (orders.js)',
      'fingerprint: eu',
    ]);
    expect(groupingOf({ ...error, fingerprint: ['{{default}}'] })).toEqual(groupingOf(error));
  });

  it.each([
    ['{{ message }}', 'message: TypeError: order ‹number› is lost'],
    ['{{ type }}', 'type: TypeError'],
    ['{{ error.type }}', 'error.type: TypeError'],
    ['{{ function }}', 'function: find'],
    ['{{ file }}', 'file: /srv/app/orders.js'],
    ['{{ transaction }}', 'transaction: GET /orders'],
    ['{{ level }}', 'level: error'],
    ['{{ platform }}', 'platform: node'],
    ['{{ tags.tier }}', 'tags.tier: gold'],
    ['{{ tags.none }}', 'tags.none: '],
  ])('knows %s', (part, line) => {
    expect(text(part)).toEqual([`fingerprint ${line}`]);
  });

  it('is taken as it was written when nobody knows it', () => {
    expect(text('{{ constructor }}')).toEqual(['fingerprint: {{ constructor }}']);
  });

  it('cannot pose as something else', () => {
    expect(text('a\nmessage: b')).toEqual(['fingerprint: a ‹br› message: b']);
    expect(text('a ‹br› b')).not.toEqual(text('a\nb'));
    expect(text('x'.repeat(300))).not.toEqual(text('x'.repeat(301)));
  });
});

describe('culpritOf', () => {
  it('is the first call of own code, with a path only where the program uses one', () => {
    expect(culpritOf(error)).toBe('find (orders.js)');
    const frame = { module: null, abs_path: null, lineno: 1, colno: 1, in_app: true };
    const frames = [{ ...frame, function: 'pay', filename: 'src/pay.js' }];
    expect(culpritOf({ ...error, frames })).toBe('pay (src/pay.js)');
    expect(culpritOf({ message: 'm', source: 's' })).toBeNull();
  });

  it('believes what the reporter says of own code', () => {
    const frame = { module: null, abs_path: null, lineno: 1, colno: 1 };
    const frames = [
      { ...frame, function: 'a', filename: 'src/a.js', in_app: false },
      { ...frame, function: 'b', filename: '/app/node_modules/mine/b.js', in_app: true },
    ];
    expect(culpritOf({ ...error, frames })).toBe('b (b.js)');
  });
});
