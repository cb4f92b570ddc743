import type { PoolClient, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

/** A statement that is sent often: the server parses and plans it once a connection. */
export interface NamedStatement {
  name: string;
  text: string;
}

/** The server knows no statement of this name, or knows one already: a pooler has given us another server connection. */
const LOST_NAME = new Set(['26000', '42P05']);
let namesHold = true;

/**
 * Runs a statement by its name. PgBouncer in transaction mode keeps names since 1.21 (`max_prepared_statements`); behind an
 * older one they turn out to be lost, nothing has been done then, and from there on statements are sent whole.
 */
export async function queryNamed<Row extends QueryResultRow>(
  dataSource: DataSource,
  { name, text }: NamedStatement,
  values: unknown[],
): Promise<Row[]> {
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient;
    dataSource.logger.logQuery(text);
    const { rows } = await client.query<Row>({ text, values, ...(namesHold && { name }) });
    return rows;
  } catch (error) {
    if (!namesHold || !LOST_NAME.has((error as { code?: string }).code ?? '')) throw error;
    namesHold = false;
  } finally {
    await runner.release();
  }
  return queryNamed(dataSource, { name, text }, values);
}
