import type { EntityManager } from 'typeorm';

/** A project to insert; its number is the next. */
export interface NewProject {
  id: string;
  slug: string;
  name: string;
  platform: string | null;
}

/**
 * Inserts those that are none yet, as long as there are fewer projects than `most`, and answers the slugs of the new ones.
 * Numbers are not given twice, also when the project that had one is gone: a DSN must not come to mean another. Those
 * that were brought along from elsewhere are skipped.
 */
export async function insertProjects(
  manager: EntityManager,
  projects: readonly NewProject[],
  most: number,
): Promise<string[]> {
  await manager.query('LOCK TABLE projects IN SHARE ROW EXCLUSIVE MODE');
  await manager.query(
    `SELECT setval('project_numbers', greatest((SELECT last_value FROM project_numbers),
       (SELECT coalesce(max(number), 0) FROM projects)))`,
  );
  const rows = await manager.query<{ slug: string }[]>(
    `INSERT INTO projects (id, number, slug, name, platform)
     SELECT id, nextval('project_numbers'), slug, name, platform
     FROM (
       SELECT n.*, row_number() OVER (ORDER BY n.slug) AS place
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS n (id, slug, name, platform)
       WHERE NOT EXISTS (SELECT FROM projects p WHERE p.slug = n.slug)
     ) AS missing
     WHERE (SELECT count(*) FROM projects) + place <= $5
     RETURNING slug`,
    [
      projects.map(({ id }) => id),
      projects.map(({ slug }) => slug),
      projects.map(({ name }) => name),
      projects.map(({ platform }) => platform),
      most,
    ],
  );
  return rows.map(({ slug }) => slug);
}
