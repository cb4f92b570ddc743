import fc from 'fast-check';
import { BatchWriter, type BatchWriterOptions } from './batch-writer.js';
import { CodedException } from './coded-exception.js';

const double = (items: number[]): Promise<number[]> => Promise.resolve(items.map((item) => item * 2));

function writer(options: Partial<BatchWriterOptions<number, number>> = {}): BatchWriter<number, number> {
  return new BatchWriter({
    name: 'numbers',
    flush: double,
    maxBatch: 10,
    maxPending: 100,
    maxDelayMs: 1,
    ...options,
  });
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe('BatchWriter', () => {
  it('gives each caller its own row back', async () => {
    const rows = await Promise.all([1, 2, 3].map((item) => writer().write(item)));
    expect(rows).toEqual([2, 4, 6]);
  });

  it('writes what arrives together in one flush, and no more than a batch holds', async () => {
    const batches: number[][] = [];
    const subject = writer({
      maxBatch: 4,
      flush: (items) => {
        batches.push(items);
        return double(items);
      },
    });
    await Promise.all(Array.from({ length: 10 }, (_, item) => subject.write(item)));
    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
  });

  it('lets what arrives during a flush wait for its end, then goes on at once', async () => {
    const gate = deferred();
    const batches: number[][] = [];
    const subject = writer({
      maxDelayMs: 0,
      flush: async (items) => {
        batches.push(items);
        await gate.promise;
        return double(items);
      },
    });
    const first = subject.write(1);
    while (batches.length === 0) await new Promise(setImmediate);
    const others = Promise.all([subject.write(2), subject.write(3)]);
    gate.resolve();
    await Promise.all([first, others]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('refuses what the buffer cannot hold, and loses nothing that it holds', async () => {
    const gate = deferred();
    const subject = writer({ maxPending: 2, flush: (items) => gate.promise.then(() => double(items)) });
    const accepted = [subject.write(1), subject.write(2)];
    await expect(subject.write(3)).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryAfter: 1,
    } satisfies Partial<CodedException>);
    gate.resolve();
    expect(await Promise.all(accepted)).toEqual([2, 4]);
    expect(await subject.write(3)).toBe(6);
  });

  it('fails one caller without failing its neighbours', async () => {
    const subject = writer({
      flush: async (items) => items.map((item) => (item === 2 ? new Error('two') : item)),
    });
    const results = await Promise.allSettled([1, 2, 3].map((item) => subject.write(item)));
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails every caller of a batch that could not be written, and works again after', async () => {
    let broken = true;
    const subject = writer({
      flush: (items) => (broken ? Promise.reject(new Error('down')) : double(items)),
    });
    const results = await Promise.allSettled([subject.write(1), subject.write(2)]);
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    broken = false;
    expect(await subject.write(5)).toBe(10);
    await subject.drain();
    expect(subject.size).toBe(0);
  });

  it('drains: resolves when all that was accepted is settled', async () => {
    const subject = writer({ maxDelayMs: 60_000 });
    const rows = [subject.write(1), subject.write(2)];
    await subject.drain();
    expect(subject.size).toBe(0);
    expect(await Promise.all(rows)).toEqual([2, 4]);
    await subject.drain();
  });

  it('answers every item exactly once, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 60 }),
        async (maxBatch, count) => {
          let written = 0;
          const subject = writer({
            maxBatch,
            flush: async (items) => {
              await new Promise(setImmediate);
              written += items.length;
              return double(items);
            },
          });
          const items = Array.from({ length: count }, (_, index) => index);
          expect(await Promise.all(items.map((item) => subject.write(item)))).toEqual(
            items.map((item) => item * 2),
          );
          expect(written).toBe(count);
        },
      ),
      { numRuns: 50 },
    );
  });
});
