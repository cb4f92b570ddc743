import fc from 'fast-check';
import { ContextUnion } from '../../../src/modules/errors/storing/context-union.js';
import type { ReportedErrorDto } from '../../../src/modules/errors/dto/error.dto.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, reportingKey, SetClock } from './errors-process.js';

const sorted = (numbers: number[]): number[] => [...numbers].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('taking errors in', () => {
  let database: TestDatabase;
  let one: ErrorsProcess;
  let two: ErrorsProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, two] = await Promise.all([ErrorsProcess.start(database.url), ErrorsProcess.start(database.url)]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await database.drop();
  });

  const countOf = async (table: string, where = 'true'): Promise<number> => {
    const [row] = await database.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM ${table} WHERE ${where}`,
    );
    return row!.n;
  };

  it('answers with the whole error', async () => {
    const body = {
      level: 'fatal',
      message: 'Database connection failed',
      stack_trace: 'Error: timeout\n    at connect (/srv/db.js:1:2)',
      context: { user_id: '12345', nested: { a: [1, 2] } },
      source: 'whole',
      environment: 'production',
      url: 'https://api.example.com/users',
      release: '1.2',
    };
    const error = await one.report(body, { userAgent: 'curl/8', ipAddress: '::ffff:192.168.1.100' });
    expect(error).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      timestamp: expect.any(Date),
      level: 'error',
      message: 'Database connection failed',
      stack_trace: body.stack_trace,
      context: { user_id: '12345', nested: { a: [1, 2] }, level: 'fatal' },
      source: 'whole',
      environment: 'production',
      environments: ['production'],
      user_agent: 'curl/8',
      ip_address: '192.168.1.100',
      url: 'https://api.example.com/users',
      fingerprint: expect.stringMatching(/^[\da-f]{32}$/),
      status: 'unresolved',
      resolved: false,
      resolved_at: null,
      regressed_at: null,
      muted: false,
      assigned_to: null,
      culprit: 'connect (db.js)',
      platform: null,
      first_release: '1.2',
      newest_release: '1.2',
      count: 1,
      first_seen: error.timestamp,
      last_seen: error.timestamp,
      created_at: error.timestamp,
      updated_at: error.timestamp,
      outcome: 'new',
    });
    expect({ ...(await two.reader.get(error.id)), outcome: 'new' }).toMatchObject({ ...error });
  });

  it('counts what differs only in ids, numbers and line numbers as one, and announces it once', async () => {
    const first = await one.report({
      message: 'Order 17 of tenant_42 failed',
      stack_trace: 'at pay (/a/pay.js:1:2)',
    });
    const second = await two.report({
      message: 'Order 9 of tenant_7 failed',
      stack_trace: 'at pay (/b/pay.js:99:1)',
    });
    expect(first).toMatchObject({ outcome: 'new', count: 1 });
    expect(second).toMatchObject({
      outcome: 'duplicate',
      count: 2,
      id: first.id,
      first_seen: first.first_seen,
    });
    expect(second.last_seen.getTime()).toBeGreaterThanOrEqual(first.last_seen.getTime());
    const announced = [...one.bus.idsOf('errors.created'), ...two.bus.idsOf('errors.created')];
    expect(announced.filter((id) => id === first.id)).toHaveLength(1);
  });

  it('gives each of those stored together its own count', async () => {
    const errors = await one.reportAll(
      Array.from({ length: 30 }, (_, index) => ({ message: `Together ${index}` })),
    );
    expect(errors.map(({ count }) => count)).toEqual(upTo(30));
    expect(errors.map(({ outcome }) => outcome)).toEqual(['new', ...Array<string>(29).fill('duplicate')]);
    expect(await countOf('error_occurrences', `error_id = '${errors[0]!.id}'`)).toBe(30);
  });

  it('counts exactly when two processes report the same errors at once', async () => {
    const bodies = Array.from({ length: 600 }, (_, index) => ({
      message: `Raced`,
      source: `race-${index % 20}`,
    }));
    const answers = (await Promise.all([one.reportAll(bodies), two.reportAll(bodies.toReversed())])).flat();
    const bySource = new Map<string, ReportedErrorDto[]>();
    for (const answer of answers)
      bySource.set(answer.source, [...(bySource.get(answer.source) ?? []), answer]);
    expect(bySource.size).toBe(20);
    for (const same of bySource.values()) {
      expect(new Set(same.map(({ id }) => id)).size).toBe(1);
      expect(sorted(same.map(({ count }) => count))).toEqual(upTo(60));
      expect(same.filter(({ outcome }) => outcome === 'new')).toHaveLength(1);
    }
    const ids = new Set(answers.map(({ id }) => id));
    const announced = [...one.bus.idsOf('errors.created'), ...two.bus.idsOf('errors.created')].filter((id) =>
      ids.has(id),
    );
    expect(announced.sort()).toEqual([...ids].sort());
  });

  it('opens a resolved error again as a regression, once', async () => {
    const { id } = await one.report({ message: 'Comes back' });
    await one.service.resolve(id);
    expect(one.bus.idsOf('errors.resolved')).toContain(id);
    const [a, b] = await Promise.all([
      one.reportAll([{ message: 'Comes back' }, { message: 'Comes back' }]),
      two.reportAll([{ message: 'Comes back' }, { message: 'Comes back' }]),
    ]);
    const outcomes = [...a, ...b].map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual(['duplicate', 'duplicate', 'duplicate', 'regression']);
    expect(await one.reader.get(id)).toMatchObject({
      resolved: false,
      resolved_at: null,
      regressed_at: expect.any(Date),
      count: 5,
    });
    expect(
      [...one.bus.idsOf('errors.updated'), ...two.bus.idsOf('errors.updated')].filter(
        (updated) => updated === id,
      ),
    ).toHaveLength(1);
  });

  it('merges contexts, keeps the worst level, every environment and the newest of the rest', async () => {
    const message = 'Merged';
    await one.report({
      message,
      level: 'info',
      environment: 'staging',
      url: '/1',
      context: { a: 1, user: { id: 1, name: 'x' } },
    });
    await one.reportAll([
      { message, level: 'error', environment: 'production', context: { b: 2, user: { id: 2 } } },
      {
        message,
        level: 'debug',
        environment: 'staging',
        url: '/2',
        context: { user: { plan: 'pro' }, a: [3] },
      },
    ]);
    const last = await two.report({ message, level: 'warning' });
    expect(last).toMatchObject({
      level: 'error',
      environment: 'staging',
      environments: ['production', 'staging'],
      url: '/2',
      context: { a: [3], b: 2, user: { id: 2, name: 'x', plan: 'pro' } },
      count: 4,
    });
  });

  it('merges contexts in the database as it does within a flush', async () => {
    const value = fc.oneof(
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.array(fc.integer()),
      fc.dictionary(fc.constantFrom('x', 'y'), fc.integer()),
    );
    const contexts = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value), {
      minLength: 1,
      maxLength: 5,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(contexts, async (given) => {
        const body = { message: 'Merged alike', source: `alike-${run++}` };
        let stored: unknown;
        for (const context of given) stored = (await one.report({ ...body, context })).context;
        const [atOnce] = (
          await one.reportAll(given.map((context) => ({ ...body, source: `${body.source}b`, context })))
        ).slice(-1);
        const union = new ContextUnion();
        for (const context of given) union.add(context, JSON.stringify(context).length);
        expect(stored).toEqual(union.value);
        expect(atOnce!.context).toEqual(stored);
      }),
      { numRuns: 40 },
    );
  });

  it('does not let a context grow without end', async () => {
    let last: ReportedErrorDto | undefined;
    for (let index = 0; index < 12; index++) {
      last = await one.report({
        message: 'Grows',
        context: { [`key_${String.fromCharCode(97 + index)}`]: 'x'.repeat(8_000) },
      });
    }
    expect(JSON.stringify(last!.context).length).toBeLessThan(80_000);
    expect(last!.context).toHaveProperty('key_l');
  });

  it('does not let a context grow without end within a flush', async () => {
    const bodies = Array.from({ length: 300 }, (_, report) => ({
      message: 'Grows at once',
      context: Object.fromEntries(Array.from({ length: 100 }, (__, key) => [`key_${report}_${key}`, 'x'])),
    }));
    const last = (await one.reportAll(bodies)).at(-1)!;
    expect(JSON.stringify(last.context).length).toBeLessThan(66_000);
    expect(last.context).toHaveProperty('key_299_99');
  });

  it('keeps the first message and stack trace, also of those that arrive together', async () => {
    const body = (index: number) => ({
      message: `First of ${index}`,
      stack_trace: `Error\n    at f (/a.js:${index}:1)`,
      url: `/${index}`,
    });
    const { id } = (await one.reportAll([1, 2, 3].map(body)))[0]!;
    await two.report(body(4));
    expect(await one.reader.get(id)).toMatchObject({ ...body(1), url: '/4', count: 4 });
  });

  describe('with an Idempotency-Key', () => {
    it('counts a repeated request once, in the same flush, later and elsewhere', async () => {
      const body = { message: 'Only once' };
      const together = await Promise.all([
        one.report(body, { idempotencyKey: 'k1' }),
        one.report(body, { idempotencyKey: 'k1' }),
        one.report(body),
      ]);
      expect(together.map(({ outcome }) => outcome)).toEqual(['new', 'repeated', 'duplicate']);
      expect(together.map(({ count }) => count)).toEqual([1, 2, 2]);
      const elsewhere = await two.report({ message: 'Something else entirely' }, { idempotencyKey: 'k1' });
      expect(elsewhere).toMatchObject({
        id: together[0].id,
        count: 2,
        outcome: 'repeated',
        message: 'Only once',
      });
      expect(await countOf('error_occurrences', `error_id = '${elsewhere.id}'`)).toBe(2);
    });

    it('counts once when two processes are asked at the same time', async () => {
      const keys = Array.from({ length: 50 }, (_, index) => `race ${index}`);
      const ask = (process: ErrorsProcess, order: string[]) =>
        Promise.all(order.map((key) => process.report({ message: 'Asked twice' }, { idempotencyKey: key })));
      const answers = (await Promise.all([ask(one, keys), ask(two, keys.toReversed())])).flat();
      expect(answers.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(50);
      expect(await one.reader.get(answers[0]!.id)).toMatchObject({ count: 50 });
    });

    it('holds for one caller only', async () => {
      const other = reportingKey('22222222-2222-7222-8222-222222222222');
      await one.report({ message: 'Two callers' }, { idempotencyKey: 'mine' });
      expect(
        await one.report({ message: 'Two callers' }, { idempotencyKey: 'mine', principal: other }),
      ).toMatchObject({ count: 2 });
    });

    it('counts anew when the error has been deleted', async () => {
      const { id } = await one.report({ message: 'Deleted meanwhile' }, { idempotencyKey: 'gone' });
      await one.service.delete(id);
      const again = await one.report({ message: 'Deleted meanwhile' }, { idempotencyKey: 'gone' });
      expect(again).toMatchObject({ count: 1, outcome: 'new' });
      expect(await one.report({ message: 'Deleted meanwhile' }, { idempotencyKey: 'gone' })).toMatchObject({
        outcome: 'repeated',
        id: again.id,
      });
    });
  });

  it('refuses a source that the key may not report for, and uses the one it may', async () => {
    const principal = reportingKey('33333333-3333-7333-8333-333333333333', ['web', 'shop']);
    await expect(one.report({ message: 'x', source: 'backend' }, { principal })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await one.report({ message: 'Restricted' }, { principal })).toMatchObject({ source: 'web' });
    expect(await one.report({ message: 'Restricted', source: 'shop' }, { principal })).toMatchObject({
      source: 'shop',
    });
  });

  it('lets no secret reach the database', async () => {
    const { id } = await one.report({
      message: 'Login of bob@secret.example failed with card 4111111111111111',
      stack_trace: 'Error: postgres://root:hunter2@db/x\n    at login (/srv/login.js:1:2)',
      context: {
        password: 'hunter2',
        headers: { authorization: 'Bearer hunter2-0123' },
        note: 'IBAN DE89370400440532013000',
      },
      url: 'https://example.com/?token=hunter2',
    });
    const rows = await database.dataSource.query<unknown[]>(
      'SELECT to_jsonb(e) AS error, (SELECT jsonb_agg(to_jsonb(o)) FROM error_occurrences o WHERE o.error_id = e.id) AS occurrences FROM errors e WHERE id = $1',
      [id],
    );
    const stored = JSON.stringify(rows);
    for (const secret of ['hunter2', 'bob@', '4111', '3704']) expect(stored).not.toContain(secret);
    expect(stored).toContain('Login of [email] failed with card [card]');
  });

  it('stores whatever text it is given', async () => {
    const odd = [
      'lone \ud800 half',
      'other \udc00 half',
      'nul \0 here',
      '🙂 日本語 عربي',
      '"}{\\',
      'quote \' " \\',
      '{a,b},NULL',
      '\u001f\u0007',
      '﻿\u2028',
    ];
    const bodies = odd.map((text) => ({
      message: `Odd ${text}`,
      stack_trace: text,
      context: { [text]: text, list: [text] },
      source: text,
      environment: text,
      url: text,
      user_agent: text,
      ip_address: text,
    }));
    const errors = await one.reportAll(bodies);
    expect(new Set(errors.map(({ id }) => id)).size).toBeGreaterThan(6);
    expect(errors[7]).toMatchObject({ source: 'default', environment: null, environments: [] });
    expect(errors[3]).toMatchObject({
      message: 'Odd 🙂 日本語 عربي',
      environment: odd[3],
      environments: [odd[3]],
    });
    expect(errors[6]).toMatchObject({
      environment: '{a,b},NULL',
      environments: ['{a,b},NULL'],
      context: { '{a,b},NULL': '{a,b},NULL' },
    });
  });

  it('makes the missing partition itself', async () => {
    const late = await ErrorsProcess.start(database.url, new SetClock(new Date('2031-05-05T12:00:00Z')));
    await database.dataSource.query('DROP TABLE error_occurrences_20310505');
    expect(await late.report({ message: 'No worker has run' })).toMatchObject({ count: 1 });
    await late.stop();
  });

  it('fails only the culprit of a batch', async () => {
    await database.dataSource.query(
      `ALTER TABLE error_occurrences ADD CONSTRAINT no_poison CHECK (message <> 'Poison')`,
    );
    const bodies = ['A', 'B', 'Poison', 'C'].map((message) => ({ message, source: 'halved' }));
    const results = await Promise.allSettled(bodies.map((body) => one.report(body)));
    await database.dataSource.query('ALTER TABLE error_occurrences DROP CONSTRAINT no_poison');
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await countOf('errors', `source = 'halved'`)).toBe(3);
  });

  it('stores what is buffered before it stops', async () => {
    const stopping = await ErrorsProcess.start(database.url);
    const reports = stopping.reportAll(
      Array.from({ length: 1_200 }, (_, index) => ({ message: `Last words ${index}` })),
    );
    await stopping.stop();
    expect(Math.max(...(await reports).map(({ count }) => count))).toBe(1_200);
  });
});
