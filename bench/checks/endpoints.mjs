const COLUMNS_OF_A_COPY = `
  SELECT uuidv7() AS id, 'Endpoint ' || number AS name, $2 || number AS url
  FROM generate_series(2, $1::int) AS number`;

/**
 * Makes `count` endpoints. The first goes through the API, so that it is as the product wants it; the others are copies
 * of its rows, whatever their columns, due at times spread over the interval.
 */
export async function createEndpoints({ port, key }, database, { count, interval, targetUrl }) {
  const response = await fetch(`http://127.0.0.1:${port}/health/api/endpoints`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': key },
    body: JSON.stringify({
      name: 'Endpoint 1',
      url: `${targetUrl}1`,
      interval: `${interval}s`,
      timeout: '10s',
    }),
  });
  if (response.status !== 201) throw new Error(`Creating an endpoint: ${await response.text()}`);
  const { id } = (await response.json()).data;
  await copyRows(database, id, count, interval, targetUrl);
}

async function copyRows(database, id, count, interval, targetUrl) {
  await database.query('BEGIN');
  await database.query(`CREATE TEMP TABLE copies ON COMMIT DROP AS ${COLUMNS_OF_A_COPY}`, [count, targetUrl]);
  await database.query(
    `INSERT INTO endpoints
     SELECT (jsonb_populate_record(e, to_jsonb(c))).* FROM endpoints e, copies c WHERE e.id = $1`,
    [id],
  );
  await database.query(
    `INSERT INTO endpoint_status
     SELECT (jsonb_populate_record(s, jsonb_build_object(
       'endpoint_id', c.id, 'next_check_at', now() + random() * $2 * interval '1 second'))).*
     FROM endpoint_status s, copies c WHERE s.endpoint_id = $1`,
    [id, interval],
  );
  await database.query(
    `INSERT INTO endpoint_state_intervals
     SELECT (jsonb_populate_record(i, jsonb_build_object('endpoint_id', c.id))).*
     FROM endpoint_state_intervals i, copies c WHERE i.endpoint_id = $1`,
    [id],
  );
  await database.query('COMMIT');
  await database.query('ANALYZE endpoints, endpoint_status, endpoint_state_intervals');
}
