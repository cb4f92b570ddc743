import type { EntityManager } from 'typeorm';

/** For each change, with its value $3: what becomes of a row, and of which rows it makes something else. */
const CHANGES = {
  enabled: ['enabled = $3::boolean', 'enabled <> $3::boolean'],
  interval: ['interval_ms = $3::int', 'interval_ms <> $3::int'],
  group: ['group_name = $3::text', 'group_name IS DISTINCT FROM $3::text'],
  with_tags: [
    `tags = ARRAY(SELECT tag FROM unnest(e.tags || $3::text[]) WITH ORDINALITY AS all_tags(tag, place)
       GROUP BY tag ORDER BY min(place))`,
    'NOT tags @> $3::text[]',
  ],
  without_tags: [
    'tags = ARRAY(SELECT tag FROM unnest(e.tags) tag WHERE tag <> ALL($3::text[]))',
    'tags && $3::text[]',
  ],
} as const satisfies Record<string, readonly [set: string, where: string]>;

export type EndpointChange = keyof typeof CHANGES;

/** Changes rows, locked in order of id like everywhere, and answers the ids of those that it made a difference to. */
export async function changeEndpoints(
  manager: EntityManager,
  change: EndpointChange,
  ids: readonly string[],
  now: Date,
  value: unknown,
): Promise<string[]> {
  const [set, where] = CHANGES[change];
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `WITH locked AS (SELECT id FROM endpoints WHERE id = ANY($1::uuid[]) AND ${where} ORDER BY id FOR UPDATE)
     UPDATE endpoints e SET ${set}, updated_at = $2 FROM locked l WHERE l.id = e.id RETURNING e.id`,
    [ids, now, value],
  );
  return rows.map(({ id }) => id);
}
