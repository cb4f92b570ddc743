import type { DataSource } from 'typeorm';
import { Scrubber } from '../../../src/modules/errors/scrubbing/scrubber.js';
import { ScrubbingReader } from '../../../src/modules/errors/scrubbing/scrubbing.reader.js';
import { parseErrorReport } from '../../../src/modules/errors/ingest/parse-error-report.js';
import { SettingsReader } from '../../../src/modules/settings/settings.reader.js';
import { SettingsService } from '../../../src/modules/settings/settings.service.js';
import { Bus } from '../../../src/realtime/bus.js';
import { SetClock } from '../errors/errors-process.js';
import { waitFor } from '../../support/wait-for.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const ADMIN = { kind: 'user', id: '0199c2f0-5b8e-7c4e-9d7a-0f1e2d3c4b5a' } as const;

/** Buses that hear each other, unless one is cut off. */
class LinkedBus extends Bus {
  static readonly all: LinkedBus[] = [];
  isCut = false;

  constructor() {
    super();
    LinkedBus.all.push(this);
    this.connectionMade(true);
  }

  reconnect(): void {
    this.isCut = false;
    this.connectionMade(false);
  }

  protected send(text: string): Promise<void> {
    for (const bus of LinkedBus.all) if (!bus.isCut) bus.receive(text);
    return Promise.resolve();
  }
}

class SettingsProcess {
  readonly bus = new LinkedBus();
  readonly clock = new SetClock();
  readonly reader: SettingsReader;
  readonly service: SettingsService;
  readonly scrubber: Scrubber;

  constructor(dataSource: DataSource) {
    this.reader = new SettingsReader(dataSource, this.bus, this.clock);
    this.service = new SettingsService(dataSource, this.reader, this.bus, this.clock);
    this.scrubber = new Scrubber(this.reader);
  }

  async start(): Promise<this> {
    this.reader.onModuleInit();
    await this.scrubber.onModuleInit();
    return this;
  }

  scrub(body: object) {
    return this.scrubber.scrub(parseErrorReport({ message: 'x', ...body }));
  }
}

let database: TestDatabase;
let one: SettingsProcess;
let other: SettingsProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await new SettingsProcess(database.dataSource).start();
  other = await new SettingsProcess(database.dataSource).start();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await one.service.write('privacy', one.reader.parse('privacy', {}), ADMIN);
});

describe('stored settings', () => {
  it('are the defaults until somebody writes, and complete afterwards', async () => {
    expect(await one.reader.read('privacy')).toEqual({
      defaults: true,
      keys: [],
      safe_keys: [],
      patterns: [],
      ip_addresses: 'keep',
      sources: {},
    });
    await one.service.write('privacy', { keys: ['a'] }, ADMIN);
    expect(await one.reader.read('privacy')).toMatchObject({ defaults: true, keys: ['a'] });
    const rows = await database.dataSource.query<object[]>('SELECT name, updated_by FROM settings');
    expect(rows).toEqual([{ name: 'privacy', updated_by: `user ${ADMIN.id}` }]);
  });

  it('hold at once where they were written, and soon in every other process', async () => {
    await one.service.write('privacy', { keys: ['nickname'] }, ADMIN);
    expect(one.scrub({ context: { nickname: 'bo' } }).context).toEqual({ nickname: '[Filtered]' });
    await waitFor(
      'the other process to know',
      () => other.scrub({ context: { nickname: 'bo' } }).context['nickname'] === '[Filtered]',
    );
  });

  it('are read anew after the bus was lost, or after ten minutes', async () => {
    await one.service.write('privacy', { ip_addresses: 'keep' }, ADMIN);
    await waitFor(
      'the other process to know',
      async () => (await other.reader.read('privacy')).ip_addresses === 'keep',
    );
    other.bus.isCut = true;
    await one.service.write('privacy', { ip_addresses: 'remove' }, ADMIN);
    expect(await other.reader.read('privacy')).toMatchObject({ ip_addresses: 'keep' });
    other.bus.reconnect();
    await waitFor(
      'the other process to know',
      async () => (await other.reader.read('privacy')).ip_addresses === 'remove',
    );
    other.bus.isCut = true;
    await one.service.write('privacy', { ip_addresses: 'keep' }, ADMIN);
    other.clock.time = new Date(Date.now() + 600_001);
    expect(await other.reader.read('privacy')).toMatchObject({ ip_addresses: 'keep' });
    other.bus.isCut = false;
  });

  it.each([
    [{ patterns: [{ name: 'x', pattern: '(?=a)b' }] }, 'patterns.0.pattern'],
    [{ patterns: [{ name: 'x', pattern: 'a*' }] }, 'patterns.0.pattern'],
    [{ ip_addresses: 'hide' }, 'ip_addresses'],
    [{ unknown: 1 }, 'body'],
    [[], 'body'],
  ])('refuse %j at %s', async (given, field) => {
    await expect(one.service.write('privacy', given, ADMIN)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [expect.objectContaining({ field })],
    });
  });

  it('let a source differ from the others', async () => {
    await one.service.write('privacy', { sources: { shop: { defaults: false, keys: ['x'] } } }, ADMIN);
    const context = { password: 'p', x: 'y' };
    expect(one.scrub({ context, source: 'shop' }).context).toEqual({ password: 'p', x: '[Filtered]' });
    expect(one.scrub({ context, source: 'blog' }).context).toEqual({ password: '[Filtered]', x: 'y' });
  });

  it('choose what becomes of addresses, everywhere in a report', async () => {
    await one.service.write('privacy', { ip_addresses: 'anonymise' }, ADMIN);
    const given = {
      ...parseErrorReport({ message: 'from 203.0.113.77', context: { at: '203.0.113.77' } }),
      ip_address: '2001:db8:1:2:3:4:5:6',
      tags: { ip: '203.0.113.77' },
      user: { id: null, email: null, username: null, ip_address: '203.0.113.77' },
      details: { request: { env: { REMOTE_ADDR: '203.0.113.77' } } },
    };
    const scrubbed = one.scrubber.scrub(given);
    expect(scrubbed).toMatchObject({ message: 'from 203.0.113.0', ip_address: '2001:db8:1::' });
    expect(JSON.stringify(scrubbed)).not.toContain('203.0.113.77');
  });
});

describe('trying scrubbing out', () => {
  it('says what became of a report and why, and stores nothing', async () => {
    const preview = await new ScrubbingReader(one.reader).preview(
      {
        message: 'no bob@example.com for KD-123456',
        context: { password: 'x', list: [['Authorization', 'y']], note: 'fine' },
      },
      { patterns: [{ name: 'customer', pattern: String.raw`KD-\d+`, replacement: '[c]' }] },
    );
    expect(preview.kind).toBe('report');
    expect(preview.result).toMatchObject({ message: 'no [email] for [c]', context: { note: 'fine' } });
    expect(preview.changes).toEqual([
      { path: ['message'], rules: ['customer', 'e-mail address'] },
      { path: ['context', 'password'], rules: ['key "password"'] },
      { path: ['context', 'list', '0', '1 (Authorization)'], rules: ['key "Authorization"'] },
    ]);
    expect(await database.dataSource.query('SELECT id FROM errors')).toEqual([]);
  });

  it('reads events of SDKs', async () => {
    const { kind, result, changes } = await new ScrubbingReader(one.reader).preview({
      event_id: 'a'.repeat(32),
      exception: {
        values: [
          { type: 'E', value: 'no bob@example.com', stacktrace: { frames: [{ vars: { token: 't' } }] } },
        ],
      },
    });
    expect(kind).toBe('sentry_event');
    expect(JSON.stringify(result)).not.toMatch(/bob@|"t"/);
    expect(changes.flatMap(({ rules }) => rules)).toEqual(
      expect.arrayContaining(['e-mail address', 'key "token"']),
    );
  });
});
