import { gzipSync } from 'node:zlib';
import type { DataSource } from 'typeorm';
import { TRANSFER_TABLES } from '../../../src/modules/transfer/transfer-tables.js';
import { TransferService } from '../../../src/modules/transfer/transfer.service.js';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import type { Answer, ApiClient, Envelope } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { ADA, fill } from './filled.js';

/** What stays behind, and why: see docs/export.md. */
const STAYS = [
  'instance',
  'api_keys',
  'users',
  'sessions',
  'idempotency_keys',
  'privacy_erasures',
  'schema_migrations',
  'source_maps',
  'workers',
  'missed_slots',
  'network_witnesses',
  'system_metrics',
  'error_source_minutes',
  'maintenance_revision',
  'maintenance_progress',
  'typeorm_metadata',
];

interface Instance {
  api: ApiUnderTest;
  admin: ApiClient;
  database: DataSource;
}

async function start(): Promise<Instance> {
  const api = await ApiUnderTest.start();
  const { key } = await api.app.get(ApiKeysService).create({ name: 'admin', permissions: ['admin'] });
  return { api, admin: api.reader.withKey(key), database: api.database.dataSource };
}

async function fingerprints(
  database: DataSource,
  leftOut: readonly string[] = [],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { table, omit = [], users = [] } of TRANSFER_TABLES) {
    const less = [...omit, ...users, ...leftOut].map((column) => `- '${column}'`).join(' ');
    const [row] = await database.query<{ rows: string; hash: string }[]>(
      `SELECT count(*) AS rows, md5(string_agg(v, ',' ORDER BY v)) AS hash
       FROM (SELECT (to_jsonb(t) ${less})::text AS v FROM ${table} t) s`,
    );
    found[table] = `${row!.rows} ${row!.hash}`;
  }
  return found;
}

/** Replaces something in the third line of a type. */
function replaceIn(lines: string[], type: string, what: RegExp, by: string): string[] {
  const index = lines.findIndex((line) => line.startsWith(`{"type":"${type}"`)) + 2;
  return lines.with(index, lines[index]!.replace(what, by));
}

describe('export and import', () => {
  let filled: Instance;
  let empty: Instance;
  let bundle: string;

  beforeAll(async () => {
    [filled, empty] = await Promise.all([start(), start()]);
    await fill(filled.database);
    bundle = (await filled.admin.get<string>('/api/export?include_secrets=true')).body;
  });
  afterAll(() => Promise.all([filled.api.stop(), empty.api.stop()]));

  const importing = (body: string | Buffer, instance = empty) =>
    instance.admin.send('POST', '/api/import', body, { 'Content-Type': 'application/x-ndjson' });

  it('knows every table: each travels or stays, and each that travels is tried here', async () => {
    const tables = await filled.database.query<{ name: string }[]>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'bullmq%'`,
    );
    const known = [...STAYS, ...TRANSFER_TABLES.map(({ table }) => table)];
    expect(
      tables.map(({ name }) => name).filter((name) => !known.includes(name) && !/job|queue/.test(name)),
    ).toEqual([]);
    const empties = Object.entries(await fingerprints(filled.database)).filter(([, text]) =>
      text.startsWith('0 '),
    );
    expect(empties).toEqual([]);
  });

  it('needs an empty instance, and says what is in the way', async () => {
    const { status, body } = await importing(bundle, filled);
    expect([status, body.code]).toEqual([409, 'CONFLICT']);
    expect(body.error).toContain('700 in errors');
    expect(body.details).toContainEqual({ field: 'endpoints', message: '3 rows' });
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['a file that is cut off', (lines) => lines.slice(0, -1), /cut off/],
    [
      'a line that is cut off',
      (lines) => [...lines.slice(0, -2), lines.at(-2)!.slice(0, 20)],
      /Line \d+: it is not JSON/,
    ],
    ['a missing line', (lines) => lines.filter((_, index) => index !== 100), /there are \d+ lines, not \d+/],
    [
      'a row that cannot be',
      (lines) => replaceIn(lines, 'error_hour', /"hour":"[^"]+"/, '"hour":"noon"'),
      /^Line \d+: it cannot be stored: .*noon/,
    ],
    [
      'a column that is not known',
      (lines) => lines.with(1, lines[1]!.replace('"name"', '"nom"')),
      /Line 2: “nom”/,
    ],
    ['a type that is not known', (lines) => lines.with(1, '{"type":"dream","data":{}}'), /Line 2: “dream”/],
    [
      'another format',
      (lines) => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
      /format is 2/,
    ],
    ['something else', () => ['{"type":"x"}'], /no export of Watchkeep/],
    ['nothing', () => [], /no export of Watchkeep/],
  ])('refuses %s, and leaves nothing behind', async (_, spoil, problem) => {
    const { status, body } = await importing(spoil(bundle.trimEnd().split('\n')).join('\n'));
    expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.error).toMatch(problem);
    const left = await empty.database.query<{ count: number }[]>('SELECT count(*)::int FROM errors');
    expect(left).toEqual([{ count: 0 }]);
  });

  it('refuses secrets of another SECRET_KEY', async () => {
    const spoilt = bundle.replace(/"secrets":"v1:..../, '"secrets":"v1:AAAA');
    expect((await importing(spoilt)).body.error).toContain('another SECRET_KEY');
  });

  const replaceEmpty = async (): Promise<void> => {
    await empty.api.stop();
    empty = await start();
  };

  it('brings every row over as it is, times, numbers and bytes, and the same answers', async () => {
    await empty.database.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES (gen_random_uuid(), '${ADA}', 'Ada', 'owner', 'y')`,
    );
    const { status, body } = await importing(bundle);
    expect([status, body.error]).toEqual([200, undefined]);
    expect(body.data.counts).toMatchObject({ error: 700, check: 900, occurrence: 1500, endpoint: 3 });
    expect(await fingerprints(empty.database)).toEqual(await fingerprints(filled.database));
    const assigned = `SELECT e.id, u.email FROM errors e JOIN users u ON u.id = e.assigned_to`;
    expect(await empty.database.query(assigned)).toEqual(await filled.database.query(assigned));
    for (const path of [
      '/api/errors?limit=100',
      '/api/errors?search=quuxcondition',
      '/api/alerts/incidents',
    ]) {
      const [one, other] = await Promise.all([filled.admin.get(path), empty.admin.get(path)]);
      const without = (text: string): string => text.replaceAll(/"assigned_to":[^,}]*/g, '');
      expect(without(JSON.stringify(other.body.data))).toBe(without(JSON.stringify(one.body.data)));
    }
    const uptime = `/health/api/endpoints/00000000-0000-7000-8000-000000000101/uptime`;
    const [one, other] = await Promise.all([filled.admin.get(uptime), empty.admin.get(uptime)]);
    const percents = (answer: Answer<Envelope>): string[] =>
      JSON.stringify(answer.body).match(/_percent":[^,]*/g)!;
    expect(percents(one).length).toBeGreaterThan(3);
    expect(percents(other)).toEqual(percents(one));
  });

  it('leaves secrets out unless asked, and switches off what cannot do without them', async () => {
    await replaceEmpty();
    const plain = (await filled.admin.get<string>('/api/export')).body;
    expect(plain).not.toContain('v1:');
    expect(plain).not.toContain('deadbeef');
    expect((await importing(gzipSync(plain))).status).toBe(200);
    const on = `SELECT name, enabled FROM endpoints UNION ALL SELECT name, enabled FROM integrations ORDER BY 1`;
    expect(await empty.database.query(on)).toEqual([
      { name: 'API "1"', enabled: true },
      { name: 'API "2"', enabled: true },
      { name: 'API "3"', enabled: false },
      { name: 'chat', enabled: false },
      { name: 'mail', enabled: true },
    ]);
  });

  it('is for administrators', async () => {
    for (const path of ['/api/export', '/api/export/errors'])
      expect((await filled.api.writer.get(path)).status).toBe(403);
    const { status } = await filled.api.writer.send('POST', '/api/import', 'x', {
      'Content-Type': 'text/plain',
    });
    expect(status).toBe(403);
  });

  it.each([
    ['errors', 700],
    ['occurrences', 1500],
    ['checks', 900],
    ['incidents', 1],
    ['settings', 1],
    ['endpoints', 3],
  ])('exports %s as NDJSON and CSV', async (kind, count) => {
    const ndjson = await filled.admin.get<string>(`/api/export/${kind}`);
    expect(ndjson.headers.get('content-type')).toContain('application/x-ndjson');
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toHaveLength(count);
    const csv = await filled.admin.get<string>(`/api/export/${kind}?format=csv`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.body).not.toMatch(/encrypted|deadbeef/);
    const none = await filled.admin.get<string>(`/api/export/${kind}?from=2100-01-01`);
    expect(none.body).toBe('');
  });

  it('keeps spreadsheets from running what strangers wrote', async () => {
    const { body } = await filled.admin.get<string>('/api/errors/export?format=csv');
    expect(body).toContain(`"'=HYPERLINK(""x""), ""quoted""\r\nü 💥"`);
    expect(body).toContain('9007199254740993');
    expect((await filled.admin.get<string>('/api/export/incidents?format=csv')).body).toContain(`'=cmd()`);
  });

  it('exports the errors that a list holds, in its order', async () => {
    const filter = 'level=error&resolved=false&sort=first_seen';
    const exported = await filled.api.reader.get<string>(`/api/errors/export?${filter}`);
    const rows = exported.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    const list = await filled.api.reader.get(`/api/errors?${filter}&limit=100`);
    const ids = (list.body.data.errors as { id: string }[]).map((error) => error.id);
    expect(rows.slice(0, 100).map((row) => row.id)).toEqual(ids);
    expect(rows).toHaveLength(list.body.data.total as number);
    expect((await filled.api.reader.get('/api/errors/export?format=xml')).status).toBe(400);
  });

  it('stops asking the database once the reader has gone', async () => {
    await filled.database.query(
      `INSERT INTO error_occurrences (error_id, received_at, id, level, message)
       SELECT gen_random_uuid(), '2026-11-22', gen_random_uuid(), 'error', repeat(md5(n::text), 300) FROM generate_series(1, 5000) n`,
    );
    const busy = async (): Promise<number> => {
      const [row] = await filled.database.query<{ count: number }[]>(
        `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
      return row!.count;
    };
    const { key } = await filled.api.app.get(ApiKeysService).create({ name: 'k', permissions: ['admin'] });
    const gone = new AbortController();
    const response = await fetch(`${filled.admin.url}/api/export`, {
      headers: { 'X-API-Key': key, 'Accept-Encoding': 'identity' },
      signal: gone.signal,
    });
    await response.body!.getReader().read();
    expect(await busy()).toBe(1);
    gone.abort();
    await waitFor('the transaction to end', async () => (await busy()) === 0);
    await filled.database.query(`DELETE FROM error_occurrences WHERE length(message) > 1000`);
  });

  it('lets only so many export at a time', async () => {
    const service = filled.api.app.get(TransferService);
    const running = [service.everything(false), service.everything(false)];
    for (const each of running) await each.next();
    await expect(service.everything(false).next()).rejects.toMatchObject({ code: 'OVERLOADED' });
    for (const each of running) await each.return(undefined);
    const next = service.everything(false);
    await next.next();
    await next.return(undefined);
  });
});
