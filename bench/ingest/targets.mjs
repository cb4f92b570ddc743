import { Child } from '../lib/child.mjs';
import { connect, createDatabase } from '../lib/postgres.mjs';

/** The product, with a project for envelopes. */
export async function productTarget(scope, postgres, { api, port, key }) {
  const database = await connect(scope, postgres.url());
  const { number, publicKey } = await makeProject(port, key);
  return {
    pid: api.pid,
    database,
    address: { port, key, project: number, publicKey },
    next: {},
    stored: counter(database, 'errors', 'error_occurrences'),
  };
}

export async function floorTarget(scope, postgres) {
  const url = await createDatabase(scope, postgres, 'floor');
  const server = await Child.start(scope, new URL('./floor.mjs', import.meta.url), {
    env: { DATABASE_URL: url, NODE_ENV: 'production' },
  });
  const database = await connect(scope, url);
  const port = await server.ask('port');
  return {
    pid: server.pid,
    address: { port, key: '', project: 1, publicKey: '' },
    next: {},
    stored: counter(database, 'groups', 'occurrences'),
  };
}

async function makeProject(port, key) {
  const response = await fetch(`http://127.0.0.1:${port}/api/projects`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Backend', slug: 'backend' }),
  });
  const { data } = await response.json();
  const { username, pathname } = new URL(data.dsn);
  return { number: pathname.slice(1), publicKey: username };
}

function counter(database, groups, occurrences) {
  return async () => {
    const { rows } = await database.query(`
      SELECT count(*)::float8 AS groups, coalesce(sum(count), 0)::float8 AS counted,
        (SELECT count(*)::float8 FROM ${occurrences}) AS occurrences
      FROM ${groups}`);
    return rows[0];
  };
}
