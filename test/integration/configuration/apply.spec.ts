import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { parse } from 'yaml';
import { applyFile, exportFile, importFile } from '../../../src/cli/configuration.js';
import { runChecks } from '../../../src/cli/run-checks.js';
import { withApplication } from '../../../src/cli/with-application.js';
import { type Config, parseConfig } from '../../../src/config/config.js';
import { MaintenanceService } from '../../../src/modules/maintenance/maintenance.service.js';
import { makeTemporaryFolder } from '../../support/temporary-folder.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';

Logger.overrideLogger(['error', 'fatal']);

const FILE = `
defaults:
  interval: 30s
endpoints:
  - name: Shop
    url: https://shop.test/
    depends_on: [Database]
    auth: { type: bearer, token: "\${SHOP_TOKEN:-t0ken}" }
    headers: { X-Env: live }
  - name: Nightly backup
    kind: push
    options: { grace: 10m }
groups:
  - name: Infrastructure
    defaults: { tags: [infra] }
    endpoints:
      - name: Database
        kind: tcp
        url: tcp://db.test:5432
maintenance:
  - title: Patch day
    endpoints: [Database]
    cron: "0 2 * * SUN"
    duration: 2h
    time_zone: Europe/Berlin
`;

describe('configuration files', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let config: Config;
  let folder: string;
  let number = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    config = parseConfig({ DATABASE_URL: database.url, SECRET_KEY: 's'.repeat(32), LOG_LEVEL: 'error' });
    folder = await makeTemporaryFolder('configuration');
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('TRUNCATE endpoints, maintenance_windows, checks CASCADE'));

  async function fileOf(text: string): Promise<string> {
    const path = join(folder, `${number++}.yaml`);
    await writeFile(path, text);
    return path;
  }

  const apply = async (text: string, options = {}): Promise<string> =>
    applyFile(config, await fileOf(text), options);

  const failure = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => '',
      (error: Error) => error.message,
    );

  const names = async (): Promise<string[]> => {
    const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM endpoints ORDER BY name');
    return rows.map((row) => row.name);
  };

  it('make what they declare, once: applied again, nothing is left to change', async () => {
    expect(await apply(FILE)).toBe(
      [
        '+ endpoint Database',
        '+ endpoint Shop',
        '+ endpoint Nightly backup',
        '+ maintenance window Patch day',
        '4 changes made.',
      ].join('\n'),
    );
    const [shop] = await dataSource.query<Record<string, unknown>[]>(
      `SELECT s.interval_ms, s.managed_by, s.depends_on = ARRAY[d.id] AS depends, d.group_name, d.tags
       FROM endpoints s, endpoints d WHERE s.name = 'Shop' AND d.name = 'Database'`,
    );
    expect(shop).toEqual({
      interval_ms: 30_000,
      managed_by: 'file',
      depends: true,
      group_name: 'Infrastructure',
      tags: ['infra'],
    });
    expect(await apply(FILE)).toBe('Nothing to change.');
  });

  it('show what they would change without changing it, and no secret', async () => {
    await apply(FILE);
    const changed = FILE.replace('30s', '1m').replace('t0ken', 'an0ther');
    const shown = await apply(changed, { dryRun: true });
    expect(shown.split('\n')).toEqual([
      '~ endpoint Database',
      '    interval: 30s → 1m',
      '~ endpoint Shop',
      '    auth: changed',
      '    interval: 30s → 1m',
      '~ endpoint Nightly backup',
      '    interval: 30s → 1m',
      '3 changes would be made.',
    ]);
    expect(await apply(FILE)).toBe('Nothing to change.');
  });

  it('remove only what a file once declared, and only when asked to', async () => {
    await apply(FILE);
    await dataSource.query(`UPDATE endpoints SET managed_by = NULL WHERE name = 'Nightly backup'`);
    const smaller = 'endpoints: [{ name: Database, kind: tcp, url: "tcp://db.test:5432" }]';
    await apply(smaller);
    expect(await names()).toEqual(['Database', 'Nightly backup', 'Shop']);
    expect(await apply(smaller, { prune: true })).toBe(
      ['- endpoint Shop', '- maintenance window Patch day', '2 changes made.'].join('\n'),
    );
    expect(await names()).toEqual(['Database', 'Nightly backup']);
  });

  it('that are wrong anywhere change nothing, and every problem is told with its place', async () => {
    const wrong = `
endpoints:
  - name: Good
    url: https://good.test/
  - name: Bad
    url: https://bad.test/
    interval: never
    depends_on: [Nobody]
  - name: Worse
    kind: dns
    url: dns://worse.test
    options: { record_type: NONE }
  - name: Good
    url: https://twice.test/
maintenance:
  - title: Window
    all_endpoints: true
    cron: nonsense
    duration: 1h
`;
    const message = await failure(apply(wrong));
    expect(message).toMatch(/is not valid; nothing was changed:/);
    expect(message).toMatch(/line 8, column 17: endpoints\[1\]\.depends_on/);
    expect(message).toMatch(/line 12, column 29: endpoints\[2\]\.options\.record_type/);
    expect(message).toMatch(/line 13, column 11: endpoints\[3\]\.name \(Good\) is there twice/);
    expect(message).toMatch(/line 18, column 11: maintenance\[0\]\.cron/);
    expect(await names()).toEqual([]);
  });

  it('tell beforehand what would be refused half way: addresses, circles, another kind', async () => {
    await apply('endpoints: [{ name: Job, kind: push }, { name: Old, url: "https://old.test/" }]');
    const refused = `
endpoints:
  - name: Fine
    url: https://fine.test/
  - name: Cloud
    url: http://169.254.169.254/latest
  - name: Narcissus
    url: https://n.test/
    depends_on: [Narcissus]
  - name: A
    url: https://a.test/
    depends_on: [B]
  - name: B
    url: https://b.test/
    depends_on: [A]
  - name: Job
    kind: tcp
    url: tcp://job.test:1
`;
    expect((await failure(apply(refused, { dryRun: true }))).split('\n').slice(1)).toEqual([
      '  line 6, column 10: endpoints[1].url (Cloud) may not be watched: 169.254.169.254 is a cloud metadata address',
      '  line 17, column 11: endpoints[5].kind (Job) cannot change to or from push: make another endpoint',
      '  line 9, column 17: endpoints[2].depends_on (Narcissus) must not name the endpoint itself',
      '  line 12, column 17: endpoints[3].depends_on (A) must not lead back to the endpoint itself: A → B → A',
    ]);
    expect(await failure(apply(refused))).toContain('nothing was changed');
    expect(await names()).toEqual(['Job', 'Old']);
  });

  it('may turn round what depends on what', async () => {
    const file = (a: string, b: string) =>
      `endpoints: [{ name: A, url: "https://a.test/", depends_on: [${a}] }, { name: B, url: "https://b.test/", depends_on: [${b}] }]`;
    await apply(file('B', ''));
    expect(await apply(file('', 'A'))).toContain('2 changes made.');
    expect(await apply(file('B', ''))).toContain('2 changes made.');
  });

  it('say what they have changed, and what failed why, when something fails half way', async () => {
    await dataSource.query(`
      CREATE FUNCTION refuse_two() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.name = 'Two' THEN RAISE 'Two is refused'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse_two BEFORE INSERT ON endpoints FOR EACH ROW EXECUTE FUNCTION refuse_two()`);
    const file = await fileOf(
      'endpoints: [{ name: One, url: "https://a.test/" }, { name: Two, url: "https://b.test/" }]',
    );
    const message = await failure(applyFile(config, file, {}));
    await dataSource.query('DROP FUNCTION refuse_two CASCADE');
    expect(message.split('\n')).toEqual([
      '+ endpoint One',
      `${file} is applied up to here. The endpoint Two could not be made:`,
      '  Two is refused',
      'What comes after it was not touched; applied again, it goes on here.',
    ]);
    expect(await names()).toEqual(['One']);
  });

  it.each(['', 'version: 1', 'version: 1\nendpoints: []', 'defaults: { interval: 30s }'])(
    'that declare nothing remove nothing, --prune or not: %j',
    async (text) => {
      await apply(FILE);
      expect(await failure(apply(text, { prune: true, dryRun: true }))).toContain('declares no endpoint');
      expect(await failure(apply(text, { prune: true }))).toContain('nothing was changed');
      expect(await apply(text)).toBe('Nothing to change.');
      expect(await names()).toHaveLength(3);
    },
  );

  it('do not remove what something in them still needs', async () => {
    await apply(FILE);
    const shop = 'endpoints: [{ name: Shop, url: "https://shop.test/", depends_on: [Database] }]';
    expect(await failure(apply(shop, { prune: true }))).toContain(
      'endpoints[0].depends_on (Shop) names "Database", which is not in this file and which --prune removes',
    );
    expect(await apply(shop)).toContain('1 change made.');
  });

  it('survive the way out and in again, secrets included', async () => {
    await apply(FILE);
    const exported = await exportFile(config, { secrets: true });
    expect(exported).toContain('t0ken');
    expect(await apply(exported)).toBe('Nothing to change.');
    await dataSource.query('TRUNCATE endpoints, maintenance_windows CASCADE');
    await apply(exported);
    expect(await exportFile(config, { secrets: true })).toBe(exported);
  });

  it('say what they say also where it looks like a variable, or a secret like a number', async () => {
    const endpoint = `endpoints:
  - { name: Form, url: "https://shop.test/", method: POST, body: "$\${x}", auth: { type: bearer, token: "\${T:-12345}" } }`;
    await apply(endpoint);
    const exported = await exportFile(config, {});
    process.env['FORM_AUTH_TOKEN'] = '12345';
    try {
      expect(await apply(exported)).toBe('Nothing to change.');
    } finally {
      delete process.env['FORM_AUTH_TOKEN'];
    }
  });

  describe('with a maintenance window that holds once', () => {
    const HOUR = 3_600_000;
    const from = new Date(Date.now() - HOUR).toISOString();
    const to = new Date(Date.now() + HOUR).toISOString();
    const window = `maintenance: [{ title: Move, all_endpoints: true, starts_at: "${from}", ends_at: "${to}" }]`;
    const windows = () => dataSource.query('SELECT managed_by, over_at FROM maintenance_windows ORDER BY id');

    it('do not bring back what a person has ended', async () => {
      await apply(window);
      await withApplication(config, async (app) => {
        const [{ id }] = await dataSource.query<[{ id: string }]>('SELECT id FROM maintenance_windows');
        await app.get(MaintenanceService).end(id);
      });
      const ended = await windows();
      expect(await apply(window)).toBe('Nothing to change.');
      expect(await windows()).toEqual(ended);
    });

    it('leave alone one of the past that has the same title and that a person made', async () => {
      await dataSource.query(
        `INSERT INTO maintenance_windows (id, title, all_endpoints, starts_at, ends_at, over_at, time_zone, enabled)
         VALUES (gen_random_uuid(), 'Move', true, '2020-01-01', '2020-01-02', '2020-01-02', 'UTC', true)`,
      );
      expect(parse(await exportFile(config, {}))).toEqual({ version: 1 });
      expect(await apply(window)).toBe('+ maintenance window Move\n1 change made.');
      expect(await windows()).toHaveLength(2);
      expect(await apply(window)).toBe('Nothing to change.');
    });

    it('make it once, also when two apply them at a time', async () => {
      const outputs = await Promise.all([apply(window), apply(window)]);
      expect(outputs.toSorted()).toEqual(['+ maintenance window Move\n1 change made.', 'Nothing to change.']);
      expect(await windows()).toHaveLength(1);
    });
  });

  it('leave secrets out unless asked for: variables stand for them', async () => {
    await apply(FILE);
    const { endpoints } = parse(await exportFile(config, {})) as { endpoints: Record<string, unknown>[] };
    expect(endpoints.find((endpoint) => endpoint['name'] === 'Shop')).toEqual({
      name: 'Shop',
      url: 'https://shop.test/',
      auth: { type: 'bearer', token: '${SHOP_AUTH_TOKEN}' },
      headers: { 'X-Env': '${SHOP_HEADERS_X_ENV}' },
      interval: '30s',
      depends_on: ['Database'],
    });
  });

  it('take over a backup of Uptime Kuma', async () => {
    const backup = {
      monitorList: [
        { id: 1, type: 'http', name: 'Shop', url: 'https://shop.test/${x}', interval: 60, maxretries: 1 },
        { id: 2, type: 'mqtt', name: 'Broker' },
      ],
    };
    const output = await importFile(config, await fileOf(JSON.stringify(backup)), {});
    expect(output.split('\n')).toEqual([
      '! Broker: monitors of type mqtt have no counterpart',
      '+ endpoint Shop',
      '1 change made.',
    ]);
    const [row] = await dataSource.query<{ url: string }[]>('SELECT url FROM endpoints');
    expect(row!.url).toBe('https://shop.test/${x}');
  });

  it('take over the others when one monitor cannot be, and say which and why; apply stays strict', async () => {
    const monitors = [
      { type: 'http', name: 'Empty', url: 'https://' },
      { type: 'http', name: 'Cloud', url: 'http://169.254.169.254/' },
      { type: 'http', name: 'Shop', url: 'https://shop.test/' },
      { type: 'port', name: 'No port', hostname: 'shop.test' },
    ];
    const file = await fileOf(JSON.stringify({ monitorList: monitors }));
    const output = (await importFile(config, file, {})).split('\n');
    expect(output).toEqual([
      expect.stringMatching(/^! Empty: is left out: url must be an address/),
      expect.stringMatching(/^! No port: is left out: url must /),
      expect.stringMatching(/^! Cloud: is left out: url may not be watched: 169.254.169.254/),
      '+ endpoint Shop',
      '1 change made.',
    ]);
    expect(await names()).toEqual(['Shop']);
    const written = join(folder, 'imported.yaml');
    await importFile(config, file, { output: written });
    expect(await failure(applyFile(config, written, {}))).toContain('nothing was changed');
  });

  describe('run-checks', () => {
    let server: LocalServer;
    beforeAll(async () => {
      server = await startHttp((request, response) => {
        response.writeHead(request.url === '/bad' ? 500 : 200).end('ok');
      });
    });
    afterAll(() => server.close());

    it('checks what is enabled with no worker running, stores it, and says what is down', async () => {
      await apply(`
endpoints:
  - { name: Good, url: "${server.url}" }
  - { name: Bad, url: "${server.url}bad" }
  - { name: Off, url: "${server.url}", enabled: false }
  - { name: Job, kind: push }
`);
      const { text, down } = await runChecks(config, { collectMetrics: true });
      expect(down).toBe(1);
      expect(text).toMatch(
        /^ENDPOINT +RESULT +CODE +TIME\nBad .*500 .*Expected 200-299, got 500\nGood .*200 /,
      );
      expect(text).toContain('2 checked, 1 down. System metrics are stored.');
      const [{ count }] = await dataSource.query<[{ count: number }]>('SELECT count(*)::int FROM checks');
      expect(count).toBe(2);
    });

    it('checks one by its name, and says when there is none', async () => {
      await apply(`endpoints: [{ name: Good, url: "${server.url}" }]`);
      expect(await runChecks(config, { endpoint: 'Good' })).toMatchObject({ down: 0 });
      await expect(runChecks(config, { endpoint: 'Gone' })).rejects.toThrow('no endpoint called "Gone"');
    });
  });
});
