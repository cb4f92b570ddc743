// The floor: the least that durable error counting can be. node:http, JSON.parse, one statement for all that waits.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { answers } from '../lib/child.mjs';

const MOST_IN_A_BATCH = 1000;

const TABLES = `
  CREATE TABLE groups (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash bytea NOT NULL UNIQUE,
    message text NOT NULL,
    source text NOT NULL,
    count bigint NOT NULL,
    last_seen timestamptz NOT NULL
  ) WITH (fillfactor = 70);
  CREATE TABLE occurrences (group_id bigint NOT NULL, at timestamptz NOT NULL, body jsonb NOT NULL);`;

const WRITE = `
  WITH upserted AS (
    INSERT INTO groups (hash, message, source, count, last_seen)
    SELECT hash, message, source, count, now()
    FROM unnest($1::bytea[], $2::text[], $3::text[], $4::int[]) AS g (hash, message, source, count)
    ON CONFLICT (hash) DO UPDATE SET count = groups.count + excluded.count, last_seen = excluded.last_seen
    RETURNING id, hash, count
  ), kept AS (
    INSERT INTO occurrences (group_id, at, body)
    SELECT id, now(), body FROM unnest($5::bytea[], $6::jsonb[]) AS o (hash, body) JOIN upserted USING (hash)
  )
  SELECT id, encode(hash, 'hex') AS hash, count FROM upserted`;

const database = new pg.Client({ connectionString: process.env.DATABASE_URL });
await database.connect();
await database.query(TABLES);

let waiting = [];
let writing = false;

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => accept(Buffer.concat(chunks).toString(), response));
}).listen(0, '127.0.0.1', () => answers({ port: () => server.address().port }));

/** One error, a batch of them, or an envelope with one event on its third line. */
function accept(text, response) {
  const errors = errorsOf(text);
  const answer = { response, open: errors.length, last: undefined };
  for (const error of errors) {
    const { message, source, json } = error;
    const hash = createHash('sha256').update(message).update(source).digest();
    waiting.push({ hash, key: hash.toString('hex'), message, source, text: json, answer });
  }
  if (!writing) {
    writing = true;
    setImmediate(() => void writeWaiting());
  }
}

function errorsOf(text) {
  if (text.startsWith('{"event_id"')) {
    const json = text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
    return [{ message: JSON.parse(json).exception.values[0].value, source: 'backend', json }];
  }
  const body = JSON.parse(text);
  if (!body.errors) return [{ ...body, json: text }];
  return body.errors.map((error) => ({ ...error, json: JSON.stringify(error) }));
}

/** Group commit: whatever arrived while the last batch was written is the next one. */
async function writeWaiting() {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, MOST_IN_A_BATCH);
    const groups = countGroups(batch);
    const columns = (field) => groups.map((group) => group[field]);
    const { rows } = await database.query({
      name: 'write',
      text: WRITE,
      values: [
        ...['hash', 'message', 'source', 'count'].map(columns),
        batch.map(({ hash }) => hash),
        batch.map(({ text }) => text),
      ],
    });
    const byHash = new Map(rows.map((row) => [row.hash, row]));
    for (const { key, answer } of batch) {
      answer.last = byHash.get(key);
      if (--answer.open === 0) reply(answer.response, answer.last);
    }
  }
  writing = false;
}

function countGroups(batch) {
  const groups = new Map();
  for (const { key, hash, message, source } of batch) {
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { hash, message, source, count: 1 });
  }
  return [...groups.values()];
}

function reply(response, { id, count }) {
  const body = JSON.stringify({ id, count });
  response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
}
