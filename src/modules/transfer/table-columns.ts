import type { DataSource } from 'typeorm';
import type { TransferTable } from './transfer-tables.js';

/** The key under which the e-mail address of a user stands for an id. */
export function emailKey(column: string): string {
  return `${column}_email`;
}

/** The columns of a table that travel: those that are not generated, nor left out. */
export function columnsOf(dataSource: DataSource, { table, omit = [] }: TransferTable): string[] {
  return dataSource.entityMetadatas
    .find(({ tableName }) => tableName === table)!
    .columns.filter(({ generatedType, databaseName }) => !generatedType && !omit.includes(databaseName))
    .map(({ databaseName }) => databaseName);
}

/** The columns of a table that are points in time, and those that are arrays. */
export function shapesOf(dataSource: DataSource, table: string): { times: string[]; lists: string[] } {
  const { columns } = dataSource.entityMetadatas.find(({ tableName }) => tableName === table)!;
  return {
    times: columns.filter(({ type }) => type === 'timestamptz').map(({ databaseName }) => databaseName),
    lists: columns.filter(({ isArray }) => isArray).map(({ databaseName }) => databaseName),
  };
}

/** What is selected to write rows of a table: `{key, expression}` of each value. */
export function exportedValues(
  dataSource: DataSource,
  table: TransferTable,
  withSecrets: boolean,
): { key: string; expression: string }[] {
  const { secrets = [], users = [] } = table;
  const hidden = withSecrets ? [] : secrets;
  return columnsOf(dataSource, table)
    .filter((column) => !hidden.includes(column))
    .map((column) => {
      if (users.includes(column))
        return { key: emailKey(column), expression: `(SELECT email FROM users WHERE id = t."${column}")` };
      if (column === 'enabled' && hidden.length > 0)
        return {
          key: column,
          expression: ['t.enabled', ...hidden.map((secret) => `t."${secret}" IS NULL`)].join(' AND '),
        };
      return { key: column, expression: `t."${column}"` };
    });
}
