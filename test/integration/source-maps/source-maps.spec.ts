import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodedException } from '../../../src/common/coded-exception.js';
import { uploadSourceMaps } from '../../../src/cli/upload-source-maps.js';
import { UploadRoute } from '../../../src/modules/errors/source-maps/upload-route.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { DirectServer, LetsIn } from '../batch/direct-server.js';
import { ErrorsProcess, reportingKey } from '../errors/errors-process.js';
import { reportOfEvent } from '../../../src/modules/errors/sentry/event-report.js';
import { SCRIPT_URL, ShopBundle } from './shop-bundle.js';

interface Stored {
  stack_trace: string;
  details: Record<string, unknown> & { exceptions: { frames: Record<string, unknown>[] }[] };
}

describe('source maps', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let server: DirectServer;
  let folder: string;
  let older: ShopBundle;
  let newer: ShopBundle;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url);
    server = await DirectServer.start(new UploadRoute(new LetsIn(), errors.sourceMaps));
    folder = await mkdtemp(path.join(tmpdir(), 'maps-'));
    older = await ShopBundle.make(path.join(folder, 'older'), false);
    newer = await ShopBundle.make(path.join(folder, 'newer'), true);
    for (const [release, bundle] of [
      ['1.0.0', older],
      ['1.1.0', newer],
    ] as const)
      // prettier-ignore
      await uploadSourceMaps(bundle.folder, { ...uploading(), release });
    await errors.sourceMapFinder.refresh();
  });
  afterAll(async () => {
    await server.stop();
    await errors.stop();
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const uploading = () => ({ url: server.url, key: 'k', source: 'web', release: '1', urlPrefix: '~/static' });
  const report = (stack: string, release: string, more: object = {}) =>
    errors.report({
      message: 'TypeError: The cart is empty',
      stack_trace: stack,
      source: 'web',
      release,
      ...more,
    });
  const stored = async (id: string): Promise<Stored> => {
    const [row] = await database.dataSource.query<Stored[]>(
      'SELECT stack_trace, details FROM error_occurrences WHERE error_id = $1 ORDER BY received_at DESC, id DESC LIMIT 1',
      [id],
    );
    return row!;
  };

  it('says what was written where, and keeps what was reported', async () => {
    const stack = older.stackOf('card');
    expect(stack).toMatch(/app\.min\.js:\d+:\d+/);
    const { id, culprit } = await report(stack, '1.0.0');
    const { stack_trace, details } = await stored(id);
    expect(stack_trace.split('\n').slice(0, 5)).toEqual([
      'TypeError: The cart is empty',
      expect.stringMatching(/^ {4}at computeTotal \(src\/cart\.ts:5:\d+\)$/),
      expect.stringMatching(/^ {4}at Cart\.total|^ {4}at total \(src\/cart\.ts:12:\d+\)$/),
      expect.stringMatching(/^ {4}at chargeCard \(src\/checkout\.ts:4:\d+\)$/),
      expect.stringMatching(/^ {4}at checkout \(src\/checkout\.ts:13:\d+\)$/),
    ]);
    expect(culprit).toBe('computeTotal (src/cart.ts)');
    expect(details).toMatchObject({ source_map: 'applied', minified_stack_trace: stack });
    expect(details.exceptions[0]!.frames[0]).toMatchObject({
      function: 'computeTotal',
      filename: 'src/cart.ts',
      lineno: 5,
      in_app: true,
      pre_context: expect.arrayContaining(['function computeTotal(items: Item[]) {']),
      context_line: "  if (items.length === 0) throw new TypeError('The cart is empty');",
    });
  });

  it('counts errors of two releases together, and apart from others of the same message', async () => {
    expect(newer.stackOf('card')).not.toBe(older.stackOf('card'));
    const first = await report(older.stackOf('card'), '1.0.0');
    const second = await report(newer.stackOf('card'), '1.1.0');
    const other = await report(newer.stackOf('receipt'), '1.1.0');
    const otherBefore = await report(older.stackOf('receipt'), '1.0.0');
    expect(second.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
    expect(otherBefore.id).toBe(other.id);
  });

  it('reads the stacks of Firefox and Safari', async () => {
    const v8 = older.stackOf('card');
    const gecko = v8
      .split('\n')
      .slice(1)
      .map((line) => /at (?:(\S+) \()?(http\S+?:\d+:\d+)/.exec(line))
      .map((match) => `${match![1] ?? ''}@${match![2]}`)
      .join('\n');
    const { id } = await report(gecko, '1.0.0');
    expect((await stored(id)).stack_trace.split('\n')[0]).toMatch(/^computeTotal@src\/cart\.ts:5:\d+$/);
    expect(id).toBe((await report(v8, '1.0.0')).id);
  });

  it('maps the frames of events of Sentry’s SDKs, found by debug id whatever the release and path', async () => {
    const debugId = '0c0d5a3e-2f1b-4a5c-9d8e-7f6a5b4c3d2e';
    await errors.sourceMaps.save(
      { source: 'web', release: 'uploaded', dist: '', path: '~/other.js' },
      debugId.replaceAll('-', ''),
      Buffer.from(older.map),
    );
    await errors.sourceMapFinder.refresh();
    const url = 'https://cdn.example.com/elsewhere.js';
    const frames = [...older.stackOf('card').matchAll(/at (?:(\S+) \()?http\S+?min\.js:(\d+):(\d+)/g)]
      .map(([, name, line, column]) => ({
        function: name ?? '?',
        filename: url,
        lineno: Number(line),
        colno: Number(column),
        in_app: true,
      }))
      .toReversed();
    const event = {
      platform: 'javascript',
      exception: { values: [{ type: 'TypeError', value: 'The cart is empty', stacktrace: { frames } }] },
      debug_meta: { images: [{ type: 'sourcemap', code_file: url, debug_id: debugId }] },
    };
    const { row } = await errors.intake.take(
      reportOfEvent(event, { source: 'web', eventId: 'a'.repeat(32) }),
      { principal: reportingKey('22222222-2222-7222-8222-222222222222') },
    );
    const { stack_trace, details } = await stored(row.id);
    expect(stack_trace).toMatch(/^TypeError: The cart is empty\n {4}at computeTotal \(src\/cart\.ts:5:/);
    expect(details.exceptions[0]!.frames[0]).toMatchObject({
      function: 'computeTotal',
      filename: 'src/cart.ts',
    });
    expect(row.id).toBe((await report(older.stackOf('card'), '1.0.0')).id);
  });

  it('leaves alone what it has no map for, and says so', async () => {
    const stack = older.stackOf('card');
    const unknown = await stored((await report(stack, '9.9.9')).id);
    expect(unknown).toMatchObject({ stack_trace: stack, details: { source_map: 'none for release 9.9.9' } });
    const elsewhere = await errors.report({
      message: 'x',
      stack_trace: stack,
      source: 'api',
      release: '1.0.0',
    });
    expect(await stored(elsewhere.id)).toEqual({ stack_trace: stack, details: null });
  });

  it('takes the build that the report names', async () => {
    await uploadSourceMaps(newer.folder, { ...uploading(), release: '2.0.0', dist: 'b' });
    await uploadSourceMaps(older.folder, { ...uploading(), release: '2.0.0', dist: 'a' });
    await errors.sourceMapFinder.refresh();
    const named = await stored((await report(newer.stackOf('card'), '2.0.0', { context: { dist: 'b' } })).id);
    expect(named.stack_trace).toMatch(/at computeTotal \(src\/cart\.ts:13:/);
    const unnamed = await stored((await report(newer.stackOf('receipt'), '2.0.0')).id);
    expect(unnamed.details['source_map']).toBe('none for release 2.0.0');
  });

  it('never loses a report to a map that cannot be read', async () => {
    await errors.sourceMaps.save(
      { source: 'web', release: 'broken', dist: '', path: '~/static/app.min.js' },
      null,
      Buffer.from('{"version":3,"sources":[],"mappings":"!!!"}'), // No upload takes it.
    );
    await errors.sourceMapFinder.refresh();
    const { id } = await report(older.stackOf('card'), 'broken');
    expect((await stored(id)).stack_trace).toBe(older.stackOf('card'));
  });

  it('uploads a folder, and replaces what was there', async () => {
    const text = await uploadSourceMaps(older.folder, { ...uploading(), release: '3.0.0' });
    expect(text).toBe(
      `+ ~/static/app.min.js\n1 source map of web 3.0.0 stored, ${Buffer.byteLength(older.map)} bytes.`,
    );
    await uploadSourceMaps(newer.folder, { ...uploading(), release: '3.0.0' });
    const { source_maps, total } = await errors.sourceMaps.list({ release: '3.0.0', limit: 10, offset: 0 });
    expect([total, source_maps[0]]).toMatchObject([
      1,
      { source: 'web', path: '~/static/app.min.js', size: Buffer.byteLength(newer.map) },
    ]);
  });

  it('deletes one, or those of a release, and forgets them', async () => {
    for (const release of ['4.0.0', '4.0.1'])
      await uploadSourceMaps(older.folder, { ...uploading(), release });
    const { source_maps } = await errors.sourceMaps.list({ release: '4.0.1', limit: 1, offset: 0 });
    await errors.sourceMaps.deleteOne(source_maps[0]!.id);
    await expect(errors.sourceMaps.deleteOne(source_maps[0]!.id)).rejects.toThrow(CodedException);
    expect(await errors.sourceMaps.delete({ source: 'web', release: '4.0.0' })).toBe(1);
    await errors.sourceMapFinder.refresh();
    const { id } = await report(older.stackOf('card'), '4.0.0');
    expect((await stored(id)).details['source_map']).toBe('none for release 4.0.0');
  });

  it('refuses what is no source map, and places that are none', async () => {
    const post = async (query: string, body: string, headers: Record<string, string> = {}) => {
      const address = `${server.url}/api/source-maps?${query}`;
      const response = await fetch(address, { method: 'POST', body, headers });
      return [response.status, ((await response.json()) as { error: string }).error];
    };
    const place = 'source=web&release=1&path=~/a.js';
    expect(await post(place, '{}')).toEqual([400, 'The body is not a source map of version 3.']);
    expect(await post(place, '[')).toEqual([400, 'The body is not a source map of version 3.']);
    const broken = '{"version":3,"sources":["a"],"names":[],"mappings":"EAAZZZZZZ"}';
    expect(await post(place, broken)).toEqual([400, 'The body is not a source map of version 3.']);
    expect(await post('path=a.js', older.map)).toEqual([
      400,
      expect.stringMatching(/source is required; release is required; path must be like/),
    ]);
    expect(await post(place, older.map, { 'X-Only': 'api' })).toEqual([403, expect.any(String)]);
    await expect(uploadSourceMaps(older.folder, { ...uploading(), release: '' })).rejects.toThrow(
      'app.min.js: The request is not valid: release is required.',
    );
    await expect(uploadSourceMaps(path.join(folder, 'older/src'), uploading())).rejects.toThrow(
      'holds no script',
    );
    expect(SCRIPT_URL).toContain('/static/app.min.js');
  });
});
