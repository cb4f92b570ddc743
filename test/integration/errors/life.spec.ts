import type { Principal } from '../../../src/common/access.js';
import type { ErrorAction } from '../../../src/modules/errors/life/error-action.js';
import { ErrorActivityReader } from '../../../src/modules/errors/life/error-activity.reader.js';
import { ErrorComments } from '../../../src/modules/errors/life/error-comments.service.js';
import { actorOf } from '../../../src/modules/errors/life/actor.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

const PAGE = { limit: 50, offset: 0 };
const ANNA = '77777777-7777-7777-8777-777777777777';

describe('the life of an error', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let activity: ErrorActivityReader;
  let comments: ErrorComments;
  const clock = new SetClock(new Date('2026-11-23T10:00:00Z'));
  const anna: Principal = {
    kind: 'user',
    id: ANNA,
    name: 'Anna',
    rights: new Set(['read', 'write']),
    sources: [],
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url, clock);
    activity = new ErrorActivityReader(errors.dataSource);
    comments = new ErrorComments(errors.dataSource, errors.bus, clock);
    await database.dataSource.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, 'anna@example.org', 'Anna', 'developer', 'x')`,
      [ANNA],
    );
  });
  beforeEach(() => errors.bus.published.splice(0));
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  const change = (id: string, action: ErrorAction) => errors.states.change(id, action, actorOf(anna));
  const passes = (seconds: number): void =>
    void (clock.time = new Date(clock.time.getTime() + seconds * 1_000));
  const kindsOf = async (id: string) =>
    (await activity.activity(id, PAGE)).activities.map(({ kind, actor, details }) => [
      kind,
      actor.name ?? actor.kind,
      details,
    ]);

  it('is resolved in the next release: only a release that is not known yet opens it again', async () => {
    const report = (release: string) => errors.report({ message: 'Known release', source: 'shop', release });
    await report('1.0');
    passes(1);
    const { id } = await report('1.1');
    passes(1);
    expect(await change(id, { action: 'resolve', in: 'next_release' })).toBe(true);
    expect(await change(id, { action: 'resolve', in: 'next_release' })).toBe(false);
    expect(await errors.reader.get(id)).toMatchObject({
      status: 'resolved',
      resolution: 'next_release',
      resolved_in_release: '1.1',
    });
    passes(1);
    expect(await report('1.0')).toMatchObject({ outcome: 'duplicate', resolved: true });
    expect(await report('1.1')).toMatchObject({ outcome: 'duplicate', resolved: true });
    passes(1);
    expect(await report('1.2')).toMatchObject({ outcome: 'regression', status: 'unresolved' });
    expect(await errors.reader.get(id)).toMatchObject({ status: 'unresolved', resolution: null, count: 5 });
    expect(await kindsOf(id)).toEqual([
      ['regressed', 'watchkeep', { release: '1.2' }],
      ['resolved', 'Anna', { in: 'next_release' }],
      ['first_seen', 'watchkeep', { release: '1.0' }],
    ]);
    expect(errors.bus.idsOf('errors.updated')).toEqual([id]);
  });

  it('every regression is noted once, however many reports bring it', async () => {
    const { id } = await errors.report({ message: 'Comes back' });
    for (let round = 1; round <= 3; round++) {
      passes(10);
      await change(id, { action: 'resolve', in: 'now' });
      passes(10);
      await errors.reportAll(Array.from({ length: 50 }, () => ({ message: 'Comes back' })));
    }
    expect((await kindsOf(id)).map(([kind]) => kind)).toEqual([
      'regressed',
      'resolved',
      'regressed',
      'resolved',
      'regressed',
      'resolved',
      'first_seen',
    ]);
  });

  it('a resolution may be changed, and is taken back', async () => {
    const { id } = await errors.report({ message: 'Changed' });
    expect(await change(id, { action: 'resolve', in: 'next_release' })).toBe(true);
    expect(await change(id, { action: 'resolve', in: 'now' })).toBe(true);
    expect(await errors.reader.get(id)).toMatchObject({ resolution: 'now' });
    expect(await change(id, { action: 'unresolve' })).toBe(true);
    expect(await change(id, { action: 'unresolve' })).toBe(false);
    expect(await errors.reader.get(id)).toMatchObject({
      status: 'unresolved',
      resolution: null,
      resolved_in_release: null,
    });
  });

  it('is either resolved or muted', async () => {
    const { id } = await errors.report({ message: 'Either' });
    await change(id, { action: 'mute', limits: {} });
    await change(id, { action: 'resolve', in: 'now' });
    expect(await errors.reader.get(id)).toMatchObject({ status: 'resolved', muted: false });
    await change(id, { action: 'mute', limits: {} });
    expect(await errors.reader.get(id)).toMatchObject({
      status: 'muted',
      resolved: false,
      resolved_at: null,
    });
    expect(await errors.report({ message: 'Either' })).toMatchObject({
      outcome: 'duplicate',
      status: 'muted',
    });
  });

  it('is assigned to somebody who is there', async () => {
    const { id } = await errors.report({ message: 'Assigned' });
    expect(await change(id, { action: 'assign', assignee: ANNA })).toBe(true);
    expect(await change(id, { action: 'assign', assignee: ANNA })).toBe(false);
    expect(await errors.reader.get(id)).toMatchObject({ assigned_to: ANNA });
    await expect(
      change(id, { action: 'assign', assignee: '00000000-0000-7000-8000-000000000000' }),
    ).rejects.toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field: 'assignee' }] });
    expect(await change(id, { action: 'assign', assignee: null })).toBe(true);
    expect((await kindsOf(id)).slice(0, 2).map(([, , details]) => details)).toEqual(
      expect.arrayContaining([{ assignee: ANNA }, { assignee: null }]),
    );
  });

  it('is discussed; comments are taken back by those who made them, or by an administrator', async () => {
    const { id } = await errors.report({ message: 'Discussed' });
    const first = await comments.add(id, 'Looks like the pool.', anna);
    passes(1);
    const second = await comments.add(id, 'It was.', anna);
    expect(await activity.comments(id, { limit: 1, offset: 0 })).toMatchObject({
      total: 2,
      comments: [{ id: second, text: 'It was.', actor: { kind: 'user', id: ANNA, name: 'Anna' } }],
    });
    expect(await errors.reader.get(id)).toMatchObject({ comments: 2 });
    const other: Principal = { ...anna, id: '88888888-8888-7888-8888-888888888888' };
    await expect(comments.delete(id, first, other)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await comments.delete(id, first, anna);
    await comments.delete(id, second, { ...other, rights: new Set(['administer']) });
    await expect(comments.delete(id, first, anna)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await activity.comments(id, PAGE)).total).toBe(0);
    await expect(comments.add('00000000-0000-7000-8000-000000000000', 'x', anna)).rejects.toMatchObject({
      code: 'ERROR_NOT_FOUND',
    });
    await expect(activity.activity('00000000-0000-7000-8000-000000000000', PAGE)).rejects.toMatchObject({
      code: 'ERROR_NOT_FOUND',
    });
  });

  it('loses nothing and counts right when it is resolved over and over while it is reported', async () => {
    const { id } = await errors.report({ message: 'Under fire' });
    const reports = errors.reportAll(Array.from({ length: 400 }, () => ({ message: 'Under fire' })));
    let resolved = 0;
    for (let round = 0; round < 20; round++) {
      passes(1);
      if (await change(id, { action: 'resolve', in: 'now' })) resolved++;
    }
    const outcomes = (await reports).map(({ outcome }) => outcome);
    const { count, status } = await errors.reader.get(id);
    expect(count).toBe(401);
    const kinds = (await kindsOf(id)).map(([kind]) => kind);
    expect(kinds.filter((kind) => kind === 'resolved')).toHaveLength(resolved);
    const regressions = kinds.filter((kind) => kind === 'regressed').length;
    expect(outcomes.filter((outcome) => outcome === 'regression')).toHaveLength(regressions);
    expect(resolved - regressions).toBe(status === 'resolved' ? 1 : 0);
  });
});
