import type { DataSource } from 'typeorm';

/** Values that a wildcard stands for at most: more make a statement long and say little. */
const MAX_VALUES = 500;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** By an index over (key, value): `$2` is a `LIKE` pattern. */
export const VALUES_LIKE = `
  SELECT value FROM error_tag_values WHERE key = $1 AND value LIKE $2
  GROUP BY value ORDER BY max(last_seen) DESC LIMIT ${MAX_VALUES}`;

/** What a search has to ask for before it can be made a statement. */
export class SearchLookups {
  constructor(private readonly dataSource: DataSource) {}

  /** Known values of a tag (or of release, environment, source) that match a `LIKE` pattern, those seen last first. */
  async values(key: string, pattern: string): Promise<string[]> {
    const rows = await this.dataSource.query<{ value: string }[]>(VALUES_LIKE, [key, pattern]);
    return rows.map(({ value }) => value);
  }

  /** Of the member with this address; an id that nobody has when there is none. */
  async userId(email: string): Promise<string> {
    const [user] = await this.dataSource.query<{ id: string }[]>(
      'SELECT id FROM users WHERE email = lower($1)',
      [email],
    );
    return user?.id ?? NOBODY;
  }
}
