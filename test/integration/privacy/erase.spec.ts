import { Clock } from '../../../src/common/clock.js';
import { SecretBox } from '../../../src/common/secret-box.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import { ErasureRunner } from '../../../src/modules/privacy/erasing/erasure-runner.js';
import { ErasuresService } from '../../../src/modules/privacy/erasing/erasures.service.js';
import { ErrorsProcess, RecordingBus, SetClock } from '../errors/errors-process.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const SECRET_KEY = 'a-secret-of-more-than-thirty-two-characters';
const BOB = {
  id: 'u-48151623',
  email: 'bob.builder@example.com',
  username: 'bobthebuilder',
  ip_address: '203.0.113.77',
};
const ADMIN = { kind: 'user', id: '0199c2f0-5b8e-7c4e-9d7a-0f1e2d3c4b5a' } as const;

let database: TestDatabase;
let errors: ErrorsProcess;
let secrets: SecretBox;
let service: ErasuresService;
let runner: ErasureRunner;

beforeAll(async () => {
  database = await createTestDatabase();
  errors = await ErrorsProcess.start(database.url);
  secrets = new SecretBox(SECRET_KEY);
  const jobs = { add: () => Promise.resolve() } as unknown as JobQueue;
  service = new ErasuresService(database.dataSource, secrets, jobs, new Clock(), { SECRET_KEY });
  runner = new ErasureRunner(database.dataSource, secrets, new RecordingBus(), new Clock());
});
afterAll(async () => {
  await errors.stop();
  await database.drop();
});

/** Every text of every table, with the place where it stands. */
async function everythingStored(): Promise<string[]> {
  const tables = await database.dataSource.query<{ name: string }[]>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`,
  );
  const all: string[] = [];
  for (const { name } of tables) {
    const rows = await database.dataSource.query<{ text: string }[]>(
      `SELECT t::text AS text FROM "${name}" t`,
    );
    all.push(...rows.map(({ text }) => `${name}: ${text}`));
  }
  return all;
}

async function holding(...parts: string[]): Promise<string[]> {
  const lower = parts.map((part) => part.toLowerCase());
  return (await everythingStored()).filter((text) => lower.some((part) => text.toLowerCase().includes(part)));
}

function report(number: number) {
  return {
    message: number % 2 ? `Could not find ${BOB.username}` : 'Could not charge',
    context: {
      user: { id: BOB.id, email: BOB.email, name: 'Bob Builder', plan: 'pro' },
      note: `mail from ${BOB.email.toUpperCase()}, seen at ${BOB.ip_address}:8080`,
      [BOB.email]: number,
      request: { url: `https://x.example.com/?mail=${encodeURIComponent(BOB.email)}` },
    },
    url: `https://x.example.com/users/${BOB.id}`,
    source: 'shop',
  };
}

async function eraseAndWait(identity: Parameters<ErasuresService['request']>[0]) {
  const { id } = await service.request(identity, ADMIN);
  await runner.run();
  return service.get(id);
}

describe('erasing a person', () => {
  beforeAll(async () => {
    for (let number = 0; number < 6; number++)
      await errors.report(report(number), { ipAddress: BOB.ip_address });
    await errors.report(
      {
        message: 'Could not charge',
        context: { user: { id: 'u-4815162342', email: 'bob.builder@example.com.au' } },
        source: 'shop',
      },
      { ipAddress: '203.0.113.7' },
    );
    await database.dataSource.query(
      `UPDATE error_occurrences SET user_key = $1, tags = jsonb_build_object('user.email', $2::text, 'tier', 'gold'),
         details = jsonb_build_object('breadcrumbs', jsonb_build_array(jsonb_build_object('message', 'hello ' || $2)))
       WHERE ip_address = $3`,
      [BOB.id, BOB.email, BOB.ip_address],
    );
    await database.dataSource.query(`INSERT INTO error_tallies (entries, kept) VALUES ($1, '{1}')`, [
      JSON.stringify([
        { f: 'x', s: 'shop', n: 1, t: 1, l: {}, e: {}, u: [BOB.id], g: { mail: { [BOB.email]: 1 } } },
      ]),
    ]);
    for (const value of [BOB.email, BOB.username])
      await database.dataSource.query(
        `INSERT INTO error_tag_values (source, key, value, count, last_seen) VALUES ('shop', 'user', $1, 3, now())`,
        [value],
      );
    await database.dataSource.query(
      `INSERT INTO error_activities (id, error_id, at, kind, actor_kind, details)
       SELECT gen_random_uuid(), id, now(), 'commented', 'user', jsonb_build_object('text', 'Called ' || $1 || ' back') FROM errors`,
      [BOB.email],
    );
  });

  it('leaves nothing of them in any table, and everything else', async () => {
    const before = await database.dataSource.query<object[]>(
      `SELECT id, count, fingerprint FROM errors ORDER BY id`,
    );
    expect((await holding(BOB.id, BOB.email, BOB.username, BOB.ip_address)).length).toBeGreaterThan(10);

    const erasure = await eraseAndWait(BOB);

    expect(erasure).toMatchObject({
      status: 'done',
      requested_by: `user ${ADMIN.id}`,
      occurrences_changed: 6,
      groups_changed: 2,
    });
    expect(erasure.tables_done).toBe(erasure.tables);
    const left = await holding(
      BOB.email,
      encodeURIComponent(BOB.email),
      BOB.username,
      BOB.ip_address,
      'Bob Builder',
      BOB.id,
    );
    // Only the neighbours, whose names begin in the same way.
    expect(left.filter((text) => !/com\.au|u-4815162342/.test(text))).toEqual([]);
    expect((await holding('bob.builder@example.com.au')).length).toBeGreaterThan(0);
    expect((await holding('u-4815162342')).length).toBeGreaterThan(0);
    expect(await database.dataSource.query(`SELECT id, count, fingerprint FROM errors ORDER BY id`)).toEqual(
      before,
    );
  });

  it('keeps what does not name them', async () => {
    const [row] = await database.dataSource.query<{ context: object; tags: object; user_key: null }[]>(
      `SELECT context, tags, user_key, ip_address FROM error_occurrences WHERE tags IS NOT NULL ORDER BY received_at LIMIT 1`,
    );
    expect(row).toMatchObject({
      context: {
        user: { id: '[Erased]', email: '[Erased]', name: '[Erased]', plan: 'pro' },
        note: 'mail from [Erased], seen at [Erased]:8080',
        '[Erased]': 0,
      },
      tags: { 'user.email': '[Erased]', tier: 'gold' },
      user_key: null,
      ip_address: null,
    });
  });

  it('keeps both counts of values that become the same', async () => {
    const rows = await database.dataSource.query<{ value: string; count: string }[]>(
      `SELECT value, count FROM error_tag_values WHERE key = 'user'`,
    );
    expect(rows.map(({ count }) => count)).toEqual(['3', '3']);
    expect(rows.every(({ value }) => value.startsWith('[Erased'))).toBe(true);
  });

  it('changes nothing the second time', async () => {
    const before = await everythingStored();
    const again = await eraseAndWait(BOB);
    expect(again).toMatchObject({
      status: 'done',
      occurrences_changed: 0,
      groups_changed: 0,
      other_rows_changed: 0,
    });
    expect((await everythingStored()).filter((text) => !text.startsWith('privacy_erasures'))).toEqual(
      before.filter((text) => !text.startsWith('privacy_erasures')),
    );
  });

  it('finds the address of somebody of whom only the id is known, in their own reports and in the group', async () => {
    const { id } = await errors.report(
      { message: 'Alice waits', source: 'shop' },
      { ipAddress: '198.51.100.9' },
    );
    await database.dataSource.query(`UPDATE error_occurrences SET user_key = '42' WHERE error_id = $1`, [id]);
    await errors.report({ message: 'Line 42 of 42', context: { line: 42, user_id: 42 }, source: 'shop' });
    await eraseAndWait({ id: '42' });
    expect(await holding('198.51.100.9')).toEqual([]);
    const [other] = await database.dataSource.query<{ message: string; context: object }[]>(
      `SELECT message, context FROM errors WHERE message LIKE 'Line%'`,
    );
    expect(other).toEqual({ message: 'Line 42 of 42', context: { line: 42, user_id: '[Erased]' } });
  });

  it('carries on what a dead worker has left, and not what a live one is at', async () => {
    await errors.report({
      message: 'Carol waits',
      context: { user: { email: 'carol@example.com' } },
      source: 'shop',
    });
    const { id } = await service.request({ email: 'carol@example.com' }, ADMIN);
    await database.dataSource.query(
      `UPDATE privacy_erasures SET status = 'running', beat_at = now(), done = '{errors}' WHERE id = $1`,
      [id],
    );
    await runner.run();
    expect(await service.get(id)).toMatchObject({ status: 'running' });
    const later = new SetClock(new Date(Date.now() + 300_000));
    await new ErasureRunner(database.dataSource, secrets, new RecordingBus(), later).run();
    expect(await service.get(id)).toMatchObject({
      status: 'done',
      occurrences_changed: 1,
      groups_changed: 0,
    });
  });

  it('takes the same request down once while it waits, and refuses an empty one', async () => {
    const first = await service.request({ email: 'dave@example.com' }, ADMIN);
    expect((await service.request({ email: 'Dave@example.com' }, ADMIN)).id).toBe(first.id);
    await expect(service.request({}, ADMIN)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});
