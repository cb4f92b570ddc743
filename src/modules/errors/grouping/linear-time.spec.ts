import { fastest } from '../../../../test/support/fastest.js';
import { groupingOf } from './fingerprint.js';
import { StackReader } from './frames/stack-frames.js';
import { globOf } from './rules/glob.js';

const LONG = 1_000_000;
const SHAPES = [
  'a', ' ', '\n', '(', 'at ', 'at (', 'at f (', '@', 'a@b:1\n', "'", '"', '`', '\\', '1', '1 ', ':1', '.', 'a.', '-', '‹', '\ud800',
  'Caused by: ', 'Caused by: x\n', '[cause]: ', 'Traceback (most recent call last):\n', 'most recent call last\n',
  'goroutine 1 [running]:\n', '0: a\n', '0: a::b::h0123456789abcdef\n', '#0 a(1): b\n', `#1 ${'a(1'.repeat(300)}\n`, '{closure:',
  `at f (${'-a1'.repeat(300)}.js)\n`, `at ${'<X>d__5.'.repeat(100)}MoveNext()\n`, `bei ${'a.'.repeat(400)}(\n`,
  'PHP Stack trace:\n', 'PHP   1. a( /b.php:1\n', `x.rb:1:in ${"'".repeat(900)}\n`, ')=(', ' values (', '1 jan ', '1, ', '[::1]:1 ',
  " is not an object (evaluating 'a.", "can't access property \"a\", ", '1 errors ', '7c9e6679-7425-40de-944b-e07fc1f90ae7', '/tmp/',
]; // prettier-ignore

function megabyteOf(shape: string): string {
  return shape.repeat(Math.ceil(LONG / shape.length));
}

/** Generous: a shared machine may be ten times slower than usual, a quadratic pattern is a thousand times. */
const LIMIT_MS = 500;

describe('a megabyte of anything', () => {
  it.each([
    ['message', (given: string) => () => groupingOf({ message: given, source: 's' })],
    ['stack trace', (given: string) => () => new StackReader().read(given, null)],
    ['function name', (given: string) => () => new StackReader().read(null, [frameNamed(given)])],
    [
      'part of a fingerprint',
      (given: string) => () => groupingOf({ message: 'm', source: 's', fingerprint: [given] }),
    ],
  ])('as a %s is read in time linear to its length', (_, work) => {
    const slow = SHAPES.filter((shape) => fastest(work(megabyteOf(shape)), 1) > LIMIT_MS);
    expect(slow).toEqual([]);
  });

  it('is matched by a pattern of many stars in time linear to its length', () => {
    const glob = globOf('*a*'.repeat(80) + 'b');
    const given = megabyteOf('a');
    expect(fastest(() => glob(given))).toBeLessThan(LIMIT_MS);
  });
});

function frameNamed(name: string) {
  return {
    function: name,
    module: null,
    filename: name,
    abs_path: null,
    lineno: 1,
    colno: 1,
    in_app: true,
  };
}
