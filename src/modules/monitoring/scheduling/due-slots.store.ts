import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A slot of an endpoint. Times in milliseconds since the epoch. */
export interface Slot {
  endpoint_id: string;
  slot: number;
}

/** A slot that somebody has to check. */
export interface OpenSlot extends Slot {
  /** Regions to check it from; empty: wherever a worker is free. */
  regions: string[];
}

/** A slot that this dispatcher has claimed. */
export interface ClaimedSlot extends OpenSlot {
  /** When the endpoint was due; earlier than `slot` when slots in between went by. */
  due: number;
  /** How many slots went by with nobody to dispatch them; 0 for mere lateness. */
  missed: number;
  /** The last of those. */
  last_missed: number;
}

export interface ClaimOptions {
  now: Date;
  /** The dispatcher’s own interval, in milliseconds; it claims what is due until its next turn. */
  beat: number;
  limit: number;
}

/**
 * Claims the endpoints that are due until the next beat, in one statement: a worker then holds them before their time
 * and need not be late. Slots lie on a grid of `phase + k × interval`; the phase comes from the id, so that endpoints
 * with the same interval are spread evenly over it.
 *
 * A slot that lies ahead is left to the next beat when an older one is due: beats are not exact, and an endpoint whose
 * interval is the beat would otherwise lose a slot whenever one came late. Slots count as missed only beyond an
 * interval and two beats of delay; up to that the check is merely late. A check that lies off the grid, a first one or
 * a quick repeat, stands for any slot up to now. Push endpoints report by themselves.
 */
export const CLAIM = `
  WITH given AS (SELECT $1::bigint AS now, $2::bigint AS beat),
  due AS (
    SELECT s.endpoint_id, e.regions, (extract(epoch FROM s.next_check_at) * 1000)::bigint AS due,
      e.interval_ms::bigint AS step, (uuid_hash(e.id)::bigint & 2147483647) % e.interval_ms AS phase
    FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
    WHERE s.next_check_at <= to_timestamp(($1::bigint + $2::bigint) / 1000.0) AND e.enabled AND e.kind <> 'push'
    ORDER BY s.next_check_at
    LIMIT $3
    FOR UPDATE OF s SKIP LOCKED
  ),
  chosen AS (
    SELECT due.*, now, beat,
      phase + (due - phase) / step * step + step AS after_due,
      greatest(due, phase + (now - phase) / step * step) AS slot
    FROM due, given
  ),
  moved AS (
    SELECT chosen.*, CASE WHEN (slot - phase) % step = 0 THEN slot ELSE greatest(slot, now) END AS done FROM chosen
  ),
  claimed AS (
    UPDATE endpoint_status s
    SET next_check_at = to_timestamp((phase + (done - phase) / step * step + step) / 1000.0)
    FROM moved m WHERE s.endpoint_id = m.endpoint_id
    RETURNING m.*
  )
  SELECT endpoint_id, regions, slot::float8, due::float8, greatest(due, slot - step)::float8 AS last_missed,
    (CASE WHEN slot > due AND now - due > step + 2 * beat THEN 1 + (slot - after_due) / step ELSE 0 END)::int AS missed
  FROM claimed`;

/**
 * Slots that were claimed and have no result: the endpoint has moved on to its next slot, and the newest result is older
 * than the one before that. An endpoint that was never checked has no such gap: its job comes back by itself.
 */
const UNANSWERED = `
  SELECT s.endpoint_id, e.regions,
    (extract(epoch FROM s.next_check_at) * 1000 - e.interval_ms)::float8 AS slot
  FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
  WHERE e.enabled AND e.kind <> 'push' AND s.next_check_at > to_timestamp($1::bigint / 1000.0)
    AND s.next_check_at - e.interval_ms * interval '1 millisecond' < to_timestamp(($1::bigint - $2::bigint) / 1000.0)
    AND s.last_slot < s.next_check_at - e.interval_ms * interval '1 millisecond'
  ORDER BY s.next_check_at`;

/** Gives slots back, locked in order like everybody else’s. */
const RELEASE = `
  WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::float8[]) AS g(endpoint_id, slot)
  ),
  locked AS (
    SELECT s.endpoint_id, to_timestamp(g.slot / 1000) AS slot
    FROM endpoint_status s JOIN given g USING (endpoint_id)
    WHERE s.next_check_at > to_timestamp(g.slot / 1000)
    ORDER BY s.endpoint_id
    FOR UPDATE OF s
  )
  UPDATE endpoint_status s SET next_check_at = l.slot FROM locked l WHERE s.endpoint_id = l.endpoint_id`;

/** The schedule, as far as dispatchers move it: `endpoint_status.next_check_at`. */
@Injectable()
export class DueSlotsStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Claims up to `limit` due endpoints, each for this caller alone, and moves them on to their next slot. */
  claim({ now, beat, limit }: ClaimOptions): Promise<ClaimedSlot[]> {
    return this.dataSource.query<ClaimedSlot[]>(CLAIM, [now.getTime(), beat, limit]);
  }

  /** Slots claimed more than `age` milliseconds ago that nobody has answered: in work, or lost with a worker. */
  unanswered(now: Date, age: number): Promise<OpenSlot[]> {
    return this.dataSource.query<OpenSlot[]>(UNANSWERED, [now.getTime(), age]);
  }

  /** Undoes a claim that could not be handed on. */
  async release(slots: readonly Slot[]): Promise<void> {
    await this.dataSource.query(RELEASE, [
      slots.map((slot) => slot.endpoint_id),
      slots.map((slot) => slot.slot),
    ]);
  }
}
