import type { INestApplication } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { NextFunction, Response } from 'express';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import type { Principal } from '../../../src/common/access.js';
import { Clock } from '../../../src/common/clock.js';
import { Authorizer } from '../../../src/common/http/authorizer.js';
import { DirectListener } from '../../../src/common/http/direct/direct-listener.js';
import { DirectRoutes } from '../../../src/common/http/direct/direct-routes.js';
import { RequestStatistics } from '../../../src/common/http/request-statistics.js';
import { ReportRoute } from '../../../src/modules/errors/ingest/report-route.js';
import type { AuthorisedRequest } from '../../../src/common/http/current-principal.js';
import { EnvelopeInterceptor } from '../../../src/common/http/envelope.interceptor.js';
import { ExceptionToEnvelopeFilter } from '../../../src/common/http/exception.filter.js';
import { VALIDATION_PIPE } from '../../../src/common/http/validation.js';
import { ErrorsController } from '../../../src/modules/errors/errors.controller.js';
import { ErrorsReader } from '../../../src/modules/errors/errors.reader.js';
import { BulkErrors } from '../../../src/modules/errors/life/bulk-errors.service.js';
import { ErrorActivityReader } from '../../../src/modules/errors/life/error-activity.reader.js';
import { ErrorComments } from '../../../src/modules/errors/life/error-comments.service.js';
import { ErrorDeletion } from '../../../src/modules/errors/life/error-deletion.service.js';
import { ErrorDiscussionController } from '../../../src/modules/errors/life/error-discussion.controller.js';
import { ErrorLifeController } from '../../../src/modules/errors/life/error-life.controller.js';
import { ErrorLife } from '../../../src/modules/errors/life/error-life.service.js';
import { ErrorMergingController } from '../../../src/modules/errors/life/error-merging.controller.js';
import { ErrorMerging } from '../../../src/modules/errors/life/error-merging.service.js';
import { ErrorStates } from '../../../src/modules/errors/life/error-states.service.js';
import { Bus } from '../../../src/realtime/bus.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, reportingKey } from './errors-process.js';

const UNKNOWN = '00000000-0000-7000-8000-000000000000';

/** Whoever asks may report; `X-Only` names the sources. */
class LetsIn extends Authorizer {
  authorize({ headers }: IncomingMessage): Promise<Principal> {
    return Promise.resolve(
      reportingKey('44444444-4444-7444-8444-444444444444', headers['x-only']?.toString().split(',')),
    );
  }

  authorizePublicKey(): Promise<Principal> {
    return Promise.reject(new Error('not asked for here'));
  }
}

function answerDirectly(app: INestApplication, routes: DirectRoutes): void {
  const server = app.getHttpServer() as Server;
  const [framework] = server.listeners('request') as [RequestListener];
  const listener = new DirectListener({
    routes,
    statistics: new RequestStatistics(),
    securityHeaders: {},
    origins: false,
    trustedProxies: [],
    requireHttps: false,
    maxBytes: 1024 * 1024,
    isLogged: false,
  });
  server.removeListener('request', framework);
  server.on('request', listener.before(framework));
}

/** The routes over HTTP, behind what the API puts around every controller; a caller is let in without asking. */
describe('/api/errors', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let app: INestApplication;
  let client: ApiClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url);
    const module = await Test.createTestingModule({
      controllers: [ErrorsController, ErrorLifeController, ErrorDiscussionController, ErrorMergingController],
      providers: [
        { provide: DataSource, useValue: errors.dataSource },
        { provide: Bus, useValue: errors.bus },
        Clock,
        ErrorLife,
        ErrorStates,
        ErrorDeletion,
        ErrorMerging,
        BulkErrors,
        ErrorComments,
        ErrorActivityReader,
        { provide: ErrorsReader, useValue: errors.reader },
      ],
    }).compile();
    app = module.createNestApplication({ logger: false });
    app.use((request: AuthorisedRequest, _: Response, next: NextFunction) => {
      request.principal = reportingKey(
        '44444444-4444-7444-8444-444444444444',
        request.headers['x-only']?.toString().split(','),
      );
      next();
    });
    app.useGlobalPipes(VALIDATION_PIPE);
    app.useGlobalInterceptors(new EnvelopeInterceptor(app.get(Reflector)));
    app.useGlobalFilters(new ExceptionToEnvelopeFilter());
    const routes = new DirectRoutes();
    routes.register(new ReportRoute(new LetsIn(), errors.intake));
    answerDirectly(app, routes);
    await app.listen(0, '127.0.0.1');
    client = new ApiClient(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await app.close();
    await errors.stop();
    await database.drop();
  });

  it('takes a report in and answers 201 with the whole error', async () => {
    const { status, body } = await client.post(
      '/api/errors',
      { message: 'Over HTTP', extra: 1 },
      { 'User-Agent': 'test/1' },
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'success',
      data: {
        message: 'Over HTTP',
        level: 'error',
        source: 'default',
        context: { extra: 1 },
        user_agent: 'test/1',
        ip_address: '127.0.0.1',
        count: 1,
        outcome: 'new',
        last_seen: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
  });

  it('honours Idempotency-Key', async () => {
    const ask = () => client.post('/api/errors', { message: 'Once' }, { 'Idempotency-Key': 'abc' });
    expect((await ask()).body.data).toMatchObject({ count: 1, outcome: 'new' });
    expect((await ask()).body.data).toMatchObject({ count: 1, outcome: 'repeated' });
  });

  it.each(['x'.repeat(256), 'umlaut ü'])('refuses the Idempotency-Key %p', async (key) => {
    const { status, body } = await client.post('/api/errors', { message: 'x' }, { 'Idempotency-Key': key });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field: 'Idempotency-Key' }] });
  });

  it('leads an error from its report to its end', async () => {
    const { id, fingerprint } = (await client.post('/api/errors', { message: 'Lives', source: 'life' })).body
      .data;
    expect((await client.get('/api/errors?source=life')).body.data).toMatchObject({
      errors: [{ id, count: 1 }],
      total: 1,
      page: 1,
      limit: 50,
    });
    expect((await client.get(`/api/errors/${id}/grouping`)).body.data).toMatchObject({
      id,
      fingerprint,
      version: expect.any(Number),
    });
    expect((await client.get(`/api/errors/${id}/occurrences?limit=1`)).body.data).toMatchObject({
      total: 1,
      limit: 1,
    });
    expect((await client.put(`/api/errors/${id}/resolve`)).body.data).toEqual({ status: 'resolved' });
    expect((await client.get(`/api/errors/${id}`)).body.data).toMatchObject({ id, resolved: true });
    expect((await client.get('/api/errors?source=life&resolved=false')).body.data.errors).toEqual([]);
    expect((await client.put(`/api/errors/${id}/unresolve`)).body.data).toEqual({ status: 'unresolved' });
    expect(await client.delete(`/api/errors/${id}`)).toMatchObject({ status: 204, body: '' });
    expect(await client.get(`/api/errors/${id}`)).toMatchObject({
      status: 404,
      body: { status: 'error', code: 'ERROR_NOT_FOUND' },
    });
  });

  it('mutes, assigns, discusses and tells what happened', async () => {
    const { id } = (await client.post('/api/errors', { message: 'Discussed', source: 'life' })).body.data;
    const mute = { for: '1h', count: 5, rate: { count: 100, per: '5m' } };
    expect((await client.put(`/api/errors/${id}/mute`, mute)).body.data).toEqual({ status: 'muted' });
    expect((await client.get(`/api/errors/${id}`)).body.data).toMatchObject({
      status: 'muted',
      muted_until: expect.stringMatching(/Z$/),
      mute_until_count: 6,
      mute_rate: { count: 100, per: '5m' },
      comments: 0,
      merged: [],
    });
    expect((await client.put(`/api/errors/${id}/unmute`)).body.data).toEqual({ status: 'unresolved' });
    expect((await client.put(`/api/errors/${id}/assign`, { assignee: null })).body.data).toEqual({
      assigned_to: null,
    });
    const comment = await client.post(`/api/errors/${id}/comments`, { text: 'Seen.' });
    expect(comment).toMatchObject({
      status: 201,
      body: { data: { text: 'Seen.', actor: { kind: 'api_key', name: 'test' } } },
    });
    const { activities, total } = (await client.get(`/api/errors/${id}/activity`)).body.data;
    expect(activities.map(({ kind }: { kind: string }) => kind)).toEqual([
      'commented',
      'unmuted',
      'muted',
      'first_seen',
    ]);
    expect(total).toBe(4);
    const path = `/api/errors/${id}/comments/${comment.body.data.id}`;
    expect(await client.delete(path)).toMatchObject({ status: 204 });
    expect(await client.delete(path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await client.get(`/api/errors/${id}/comments`)).body.data).toMatchObject({
      total: 0,
      comments: [],
    });
  });

  it('merges, takes apart, and does the same to many', async () => {
    const open = async (message: string): Promise<string> =>
      (await client.post('/api/errors', { message, source: 'many' })).body.data.id;
    const [one, other] = [await open('Many, alpha'), await open('Many, beta')];
    expect((await client.post(`/api/errors/${one}/merge`, { ids: [other] })).body.data).toMatchObject({
      id: one,
      count: 2,
      merged: [{ id: other, count: 1 }],
    });
    expect((await client.get(`/api/errors/${other}`)).body.data).toMatchObject({ id: one });
    expect(await client.delete(`/api/errors/${other}`)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    expect((await client.post(`/api/errors/${one}/unmerge`, { ids: [other] })).body.data).toMatchObject({
      id: one,
      count: 1,
      merged: [],
    });
    expect(
      await client.post('/api/errors/bulk', {
        action: 'resolve',
        in: 'next_release',
        filter: { source: 'many' },
      }),
    ).toMatchObject({ status: 200, body: { data: { changed: 2, not_found: [], more: false } } });
    expect(
      (await client.post('/api/errors/bulk', { action: 'delete', ids: [one, other] })).body.data,
    ).toMatchObject({
      changed: 2,
    });
  });

  it.each([
    ['resolve', { in: 'a while' }, 'in'],
    ['resolve', { when: 'now' }, 'when'],
    ['mute', { for: '90' }, 'for'],
    ['mute', { for: '500ms' }, 'for'],
    ['mute', { until: 'tomorrow' }, 'until'],
    ['mute', { until: '2020-01-01T00:00:00Z' }, 'until'],
    ['mute', { count: 0 }, 'count'],
    ['mute', { count: null }, 'count'],
    ['mute', { rate: { count: 1, per: '90s' } }, 'rate.per'],
    ['mute', { rate: { per: '5m' } }, 'rate.count'],
    ['mute', { rate: 5 }, 'rate'],
    ['assign', {}, 'assignee'],
    ['assign', { assignee: 'me' }, 'assignee'],
    ['assign', { assignee: '00000000-0000-7000-8000-000000000000' }, 'assignee'],
  ])('refuses to %s with %j', async (action, body, field) => {
    const { id } = (await client.post('/api/errors', { message: 'Refused', source: 'life' })).body.data;
    const answer = await client.put(`/api/errors/${id}/${action}`, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.details.map((problem: { field: string }) => problem.field)).toContain(field);
  });

  it.each([
    [{ action: 'close', ids: [UNKNOWN] }, 'action'],
    [{ action: 'resolve' }, 'ids'],
    [{ action: 'resolve', ids: [] }, 'ids'],
    [{ action: 'resolve', ids: ['42'] }, 'ids'],
    [{ action: 'resolve', ids: Array.from({ length: 1_001 }, () => UNKNOWN) }, 'ids'],
    [{ action: 'resolve', filter: { colour: 'red' } }, 'filter.colour'],
    [{ action: 'resolve', filter: { limit: 5 } }, 'filter.limit'],
    [{ action: 'resolve', filter: [] }, 'filter'],
    [{ action: 'delete', filter: {} }, 'filter'],
  ])('refuses to change many by %.100j', async (body, field) => {
    const answer = await client.post('/api/errors/bulk', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.details.map((problem: { field: string }) => problem.field)).toContain(field);
  });

  it.each([
    ['limit', 'limit=abc'],
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['offset', 'offset=-1'],
    ['level', 'level=fatal'],
    ['level', 'level=error&level=info'],
    ['resolved', 'resolved=maybe'],
    ['sort', 'sort=severity'],
    ['search', 'search='],
    ['from', 'from=yesterday'],
    ['to', 'to=2026-99-99'],
    ['colour', 'colour=red'],
  ])('refuses a list with a bad %s: %s', async (field, query) => {
    const { status, body } = await client.get(`/api/errors?${query}`);
    expect(status).toBe(400);
    expect(body.code).toBe('VALIDATION_FAILED');
    expect(new Set(body.details.map((problem: { field: string }) => problem.field))).toEqual(
      new Set([field]),
    );
  });

  it.each([
    ['no message', {}, 'message'],
    ['a message that is no text', { message: 5 }, 'message'],
    ['an unknown level', { message: 'x', level: 'loud' }, 'level'],
    ['a context that is no object', { message: 'x', context: 'y' }, 'context'],
    ['a list', [], 'body'],
  ])('refuses a report with %s', async (_, report, field) => {
    const { status, body } = await client.post('/api/errors', report);
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 'error', code: 'VALIDATION_FAILED', details: [{ field }] });
  });

  it('refuses a source that the key is not for', async () => {
    const { status, body } = await client.post(
      '/api/errors',
      { message: 'x', source: 'api' },
      { 'X-Only': 'web' },
    );
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['GET', '', undefined],
    ['GET', '/occurrences', undefined],
    ['GET', '/grouping', undefined],
    ['GET', '/activity', undefined],
    ['GET', '/comments', undefined],
    ['POST', '/comments', '{"text":"x"}'],
    ['POST', '/merge', `{"ids":["${UNKNOWN}"]}`],
    ['POST', '/unmerge', '{}'],
    ['PUT', '/resolve', undefined],
    ['PUT', '/unresolve', undefined],
    ['PUT', '/mute', undefined],
    ['PUT', '/unmute', undefined],
    ['PUT', '/assign', '{"assignee":null}'],
    ['DELETE', '', undefined],
  ])(
    '%s …%s refuses an id that is none, and knows when there is no such error',
    async (method, path, body) => {
      expect(await client.send(method, `/api/errors/42${path}`, body)).toMatchObject({
        status: 400,
        body: { details: [{ field: 'id' }] },
      });
      const unknown = await client.send(method, `/api/errors/${UNKNOWN}${path}`, body);
      expect(unknown).toMatchObject({ status: 404, body: { code: 'ERROR_NOT_FOUND' } });
    },
  );
});
