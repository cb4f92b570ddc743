import fc from 'fast-check';
import { fastest } from '../../../../../test/support/fastest.js';
import { StackReader } from './stack-frames.js';

/** Each time anew: a reader remembers. */
const normaliseStack = (stack: string): readonly string[] => new StackReader().read(stack, null).lines;

const lines = (...all: string[]): string => all.join('\n');

describe('normaliseStack', () => {
  it('reads V8, leaving out libraries, the runtime, positions and decoration', () => {
    const stack = lines(
      'Error: Connection timeout',
      '    at Database.connect (/srv/app/releases/20260101/src/db.js:10:5)',
      '    at async Promise.all (index 0)',
      '    at node:internal/process/task_queues:95:5',
      '    at async Object.handler [as run] (file:///srv/app/src/routes/users.js?t=123:44:11)',
      '    at Layer.handle (/srv/app/node_modules/express/lib/router/layer.js:95:5)',
      '    at new Server (C:\\app\\src\\server.ts:1:2)',
      '    at /srv/app/src/index.js:1:2',
    );
    expect(normaliseStack(stack)).toEqual([
      'Database.connect (db.js)',
      'Object.handler (users.js)',
      'Server (server.ts)',
    ]);
  });

  it('takes build hashes, queries and names that minifiers give out off the calls of bundles', () => {
    const stack = lines(
      'TypeError: x is not a function',
      '    at t.render (https://cdn.example.com/assets/index-DkX9f3Bz.js:1:22222)',
      '    at https://cdn.example.com/assets/vendor.3f2a9c1b.js?v=1:1:1',
      '    at Kn (https://cdn.example.com/static/js/main.5d41402abc4b.chunk.js:2:3)',
    );
    expect(normaliseStack(stack)).toEqual(['render (index.js)', '(main.chunk.js)']);
  });

  it('leaves names that only look like a build hash', () => {
    expect(normaliseStack('at f (/a/user-Settings.js:1:2)')).toEqual(['f (user-Settings.js)']);
  });

  it('reads Firefox and Safari', () => {
    const stack = lines(
      'render@https://cdn.example.com/assets/index-DkX9f3Bz.js:1:22222',
      'async*load@https://cdn.example.com/assets/app.js:10:1',
      'foo@[native code]',
      '@https://cdn.example.com/assets/app.js:20:1',
    );
    expect(normaliseStack(stack)).toEqual(['render (index.js)', 'load (app.js)', '(app.js)']);
  });

  it('reads Python, where the call that failed stands last', () => {
    const stack = lines(
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3.11/site-packages/django/core/handlers/exception.py", line 55, in inner',
      '    response = get_response(request)',
      '  File "/home/bob/app/views.py", line 12, in checkout',
      '    pay(order)',
      '  File "/home/bob/app/pay.py", line 99, in pay',
      'ValueError: x',
    );
    expect(normaliseStack(stack)).toEqual(['pay (pay.py)', 'checkout (views.py)']);
  });

  it('reads Java', () => {
    const stack = lines(
      'java.lang.IllegalStateException: x',
      '\tat com.acme.shop.Cart.total(Cart.java:42)',
      '\tat com.acme.shop.Cart$$EnhancerBySpringCGLIB$$3f2a9c1b.add(<generated>)',
      '\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)',
      '\tat org.springframework.web.Foo.bar(Foo.java:1)',
      '\tat app//com.acme.shop.Main.lambda$main$0(Main.java:9)',
      '\t... 12 more',
    );
    expect(normaliseStack(stack)).toEqual([
      'com.acme.shop.Cart.total (Cart.java)',
      'com.acme.shop.Main.lambda$main$‹number› (Main.java)',
    ]);
  });

  it('reads .NET, PHP, Ruby and Go', () => {
    expect(
      normaliseStack(
        lines(
          '   at Acme.Shop.Cart.Total(Int32 id) in C:\\src\\Shop\\Cart.cs:line 42',
          '   at System.Linq.Enumerable.Sum(IEnumerable source)',
        ),
      ),
    ).toEqual(['Acme.Shop.Cart.Total (Cart.cs)']);
    expect(
      normaliseStack(
        lines(
          '#0 /var/www/app/Cart.php(42): App\\Cart->total(Array)',
          '#1 /var/www/vendor/l/F.php(1): B::b()',
          '#2 {main}',
        ),
      ),
    ).toEqual(['App\\Cart->total (Cart.php)']);
    expect(
      normaliseStack(
        lines(
          "app/models/cart.rb:42:in `total'",
          "/usr/lib/ruby/gems/3.2.0/gems/rails-7/lib/x.rb:1:in 'call'",
        ),
      ),
    ).toEqual(['total (cart.rb)']);
    expect(
      normaliseStack(
        lines(
          'goroutine 1 [running]:',
          'main.handler(0xc000010000, 0x5)',
          '\t/home/bob/app/main.go:42 +0x1d',
          'net/http.HandlerFunc.ServeHTTP(...)',
          '\t/usr/local/go/src/net/http/server.go:2136',
        ),
      ),
    ).toEqual(['main.handler (main.go)']);
  });

  it('reads Rust, with and without places, leaving out how the panic is handled', () => {
    const stack = lines(
      "thread 'main' panicked at src/plan.rs:42:18:",
      '   0: rust_begin_unwind',
      '             at /rustc/90b35a6239c3/library/std/src/panicking.rs:645:5',
      '   1: core::option::unwrap_failed',
      '   2: engine::plan::next::h0123456789abcdef',
      '             at ./src/plan.rs:42:18',
      '   3:     0x55f0c2a9c1e0 - engine::solve::{{closure}}::hfedcba9876543210',
    );
    expect(normaliseStack(stack)).toEqual(['engine::plan::next (plan.rs)', 'engine::solve::{closure}']);
  });

  it('reads Xdebug, where the call that failed stands last, and Hermes', () => {
    const xdebug = lines(
      'PHP Stack trace:',
      'PHP   1. {main}() /w/i.php:0',
      'PHP   2. A->b($x = 1) /w/c.php:5',
    );
    expect(normaliseStack(xdebug)).toEqual(['A->b (c.php)']);
    expect(normaliseStack('at Avatar (address at index.android.bundle:1:1923381)')).toEqual([
      'Avatar (index.android.bundle)',
    ]);
  });

  it('prefers the root cause that has own code, and passes over what was suppressed', () => {
    const stack = lines(
      'a.ServletException: failed',
      '\tat com.acme.Filter.doFilter(Filter.java:3)',
      'Caused by: b.QueryException: slow',
      '\tat com.acme.Orders.load(Orders.java:4)',
      '\tSuppressed: c.IOException',
      '\t\tat com.acme.Archive.close(Archive.java:4)',
      'Caused by: java.net.SocketTimeoutException: x',
      '\tat java.base/java.net.Socket.read(Socket.java:1)',
    );
    expect(new StackReader().read(stack, null)).toMatchObject({
      lines: ['com.acme.Orders.load (Orders.java)'],
      cause: 'java.net.SocketTimeoutException',
    });
  });

  it('begins at a Go panic, and ends with its goroutine', () => {
    const stack = lines(
      'goroutine 7 [running]:',
      'app.recover.func1()',
      '\t/build/recover.go:3 +0x1',
      'panic({0x1, 0x2})',
      '\t/usr/local/go/src/runtime/panic.go:770 +0x1',
      'app.(*Handler).Get[...](0x0)',
      '\t/build/handler.go:9 +0x1',
      'goroutine 8 [select]:',
      'app.wait()',
      '\t/build/wait.go:9 +0x1',
    );
    expect(normaliseStack(stack)).toEqual(['app.(*Handler).Get (handler.go)']);
  });

  it('undoes what the C# compiler makes of async methods, lambdas and local functions', () => {
    const stack = lines(
      '   at Acme.Stock.<ReserveAsync>d__5.MoveNext() in C:\\s\\Stock.cs:line 4',
      '   at Acme.Import.<>c__DisplayClass3_0.<Rows>b__1(String line) in C:\\s\\Import.cs:line 4',
      '   bei Acme.Lager.Buchen(Int32 id) in C:\\s\\Lager.cs:Zeile 12',
    );
    expect(normaliseStack(stack)).toEqual([
      'Acme.Stock.ReserveAsync (Stock.cs)',
      'Acme.Import.Rows.lambda (Import.cs)',
      'Acme.Lager.Buchen (Lager.cs)',
    ]);
  });

  it('takes library frames when there are no others', () => {
    expect(normaliseStack('at f (/app/node_modules/x/a.js:1:2)\nat g (node:fs:1:2)')).toEqual([
      'f (a.js)',
      'g (node:fs)',
    ]);
  });

  it('falls back to the first three lines when it knows no frame', () => {
    expect(normaliseStack('odd at step 42\n\n  in module 7\nthird 0x1234\nfourth')).toEqual([
      'odd at step ‹number›',
      'in module ‹number›',
      'third ‹id›',
    ]);
  });
});

describe('normaliseStack, whatever it is given', () => {
  it('never throws, gives at most three lines of one line each, and says the same each time', () => {
    const part = fc.constantFrom(
      'at ',
      'f',
      ' (',
      ')',
      '/a/b.js',
      ':1',
      ':2',
      '\n',
      'File "',
      '", line 1',
      '@',
      '#0 ',
      '.go:1',
      ".rb:1:in '",
      ' in ',
      'most recent call last',
      '\ud800',
      '‹',
    );
    const stack = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(stack, (given) => {
        const frames = normaliseStack(given);
        expect(frames).toEqual(normaliseStack(given));
        expect(frames.length).toBeLessThanOrEqual(3);
        expect(frames.join('')).not.toContain('\n');
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not see positions, folders, queries or build hashes', () => {
    const position = fc.tuple(fc.nat(), fc.nat()).map(([line, column]) => `:${line}:${column}`);
    const folder = fc.constantFrom(
      '/srv/app/',
      'C:\\app\\',
      'https://cdn.example.com/assets/',
      'file:///home/bob/',
      '',
    );
    const hash = fc.constantFrom('', '.3f2a9c1b', '-5d41402abc4b', '-DkX9f3Bz');
    const query = fc.constantFrom('', '?v=12', '#x');
    const frame = fc
      .tuple(folder, hash, query, position)
      .map(([at, mark, asked, where]) => `at buy (${at}shop${mark}.js${asked}${where})`);
    fc.assert(fc.property(frame, (line) => expect(normaliseStack(line)).toEqual(['buy (shop.js)'])));
  });

  it('takes time linear to its input: a megabyte of anything within 50 ms', () => {
    const units = [
      'at ',
      '(',
      'at (',
      '\n',
      'File "',
      'a@',
      'at\n',
      `at f (${'-'.repeat(900)}\n`,
      `at f (/${'a.'.repeat(450)}\n`,
      `at f (${':1'.repeat(450)}\n`,
      `#1 ${'a(1'.repeat(300)}\n`,
      `x.rb:1:in ${"'".repeat(900)}\n`,
      `at f (a${'-a1'.repeat(300)}.js)\n`,
    ];
    const stacks = units.flatMap((unit) =>
      ['', 'most recent call last\n'].map((head) => head + unit.repeat(Math.ceil(1e6 / unit.length))),
    );
    const slow = stacks.filter((stack) => fastest(() => normaliseStack(stack)) > 50);
    expect(slow.map((stack) => stack.slice(0, 40))).toEqual([]);
  });
});
