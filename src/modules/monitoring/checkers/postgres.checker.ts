import { DatabaseError, Client, Query, type QueryConfig } from 'pg';
import { z } from 'zod';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Checker, CheckTarget } from './checker.js';
import { NO_POSTGRES, PostgresStream } from './postgres-stream.js';
import { negotiateTls, POSTGRES_TLS } from './postgres-tls.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const SCHEMES = { 'postgres:': 5432, 'postgresql:': 5432 };
const DEFAULT_USER = 'postgres';
/** The server gives up soon after the check does, since a connection that is gone ends no query. In milliseconds. */
const SERVER_GRACE_MS = 1_000;
const MAX_ROWS = 1_000;
const MAX_SHOWN = 300;

const options = z.strictObject({
  ...tlsOptions,
  query: z
    .string()
    .min(1)
    .max(10_000)
    .default('SELECT 1')
    .describe(
      'One statement, run in a read-only transaction that is rolled back. Conditions see its first row as JSON.',
    ),
  tls: z
    .enum(POSTGRES_TLS)
    .default('prefer')
    .describe(
      '`prefer`: TLS when the server offers it, whatever its certificate. `require`: TLS or failure; `verify_tls` counts.',
    ),
});

export type PostgresOptions = z.output<typeof options>;

/** A PostgreSQL server: logs in to the database of the address and runs a query. */
export const postgresChecker: Checker<PostgresOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: TLS_SECRETS,
  auth: ['basic'],
  asserts: ['body', 'json', 'certificate_days'],
  async probe(target, attempt) {
    const raw = await attempt.connect(addressOf(target.url, SCHEMES));
    const socket = await negotiateTls(raw, target.options.tls, tlsSettings(target), attempt);
    const client = makeClient(target, new PostgresStream(socket));
    try {
      const row = await attempt.wait<unknown>((resolve, reject) => {
        client.on('error', (error) => reject(inWords(error)));
        ask(client, target, attempt).then(resolve, (error: unknown) => reject(inWords(error)));
      });
      attempt.clock.mark('download', 'reading the answer');
      return { failure: null, text: row === undefined ? '' : JSON.stringify(row) };
    } finally {
      // A server that is left without a word notes it in its log. Nobody waits for what it says to our goodbye.
      client.end().catch(() => undefined);
    }
  },
};

/** What is left out here, the client would take from this process’s environment: the password above all. */
function makeClient({ url, auth }: CheckTarget<PostgresOptions>, stream: PostgresStream): Client {
  const basic = auth?.type === 'basic' ? auth : undefined;
  const user = basic?.username || DEFAULT_USER;
  return new Client({
    host: addressOf(url, SCHEMES).host,
    port: addressOf(url, SCHEMES).port,
    user,
    password: () => basic?.password ?? '',
    database: decodeURIComponent(new URL(url).pathname.slice(1)) || user,
    application_name: 'watchkeep',
    ssl: false,
    stream: () => stream,
  });
}

/** The first row of the query. */
async function ask(
  client: Client,
  { options: { query }, timeout_ms }: CheckTarget<PostgresOptions>,
  attempt: Attempt,
): Promise<unknown> {
  await client.connect();
  const left = Math.ceil(timeout_ms - attempt.clock.elapsed) + SERVER_GRACE_MS;
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${left}`);
  const row = await firstRow(client, query);
  attempt.clock.mark('first_byte', 'reading the answer');
  await client.query('ROLLBACK');
  return row;
}

/** In the extended protocol, which takes one statement only: none can end the transaction and go on without it. */
function firstRow(client: Client, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const query = client.query(new Query({ text, queryMode: 'extended' } as QueryConfig));
    let first: unknown;
    let rows = 0;
    query.on('row', (row: unknown) => {
      if (rows === 0) first = row;
      if (++rows > MAX_ROWS) reject(new CheckFailure(`The query has more than ${MAX_ROWS} rows`));
    });
    query.on('error', reject);
    query.on('end', () => resolve(first));
  });
}

/** The server’s own words, or those for what the client makes of a server that is none. */
function inWords(thrown: unknown): unknown {
  if (thrown instanceof DatabaseError) return new CheckFailure(wordsOf(thrown).slice(0, MAX_SHOWN));
  const message = thrown instanceof Error ? thrown.message : '';
  if (message.includes('must be a non-empty string') && message.startsWith('SASL')) {
    return new CheckFailure('Login needed: the server asks for a password');
  }
  if (message.startsWith('SASL')) return new CheckFailure(`Login failed: ${message}`.slice(0, MAX_SHOWN));
  if (message.startsWith('Connection terminated')) return new Error('socket hang up');
  if (thrown instanceof TypeError || message.startsWith('Received unexpected'))
    return new CheckFailure(NO_POSTGRES);
  return thrown;
}

/** Codes: postgresql.org/docs/current/errcodes-appendix.html. A failure without one is no PostgreSQL’s. */
function wordsOf({ code = '', message }: DatabaseError): string {
  if (code === '') return NO_POSTGRES;
  if (code.startsWith('28')) return `Login refused: ${message}`;
  if (code === '57P03') return `PostgreSQL takes no connections yet: ${message}`;
  return `PostgreSQL: ${message}`;
}
