import { NOT_MUTED } from './change-errors.sql.js';

/** Ends the mutes that `condition` lets through, at `$1`, and says what ended them. Locked in the usual order. */
const end = (because: 'time' | 'rate', condition: string): string => `
  WITH due AS MATERIALIZED (
    SELECT id FROM errors WHERE muted AND merged_into IS NULL AND ${condition}
    ORDER BY fingerprint FOR NO KEY UPDATE
  ), ended AS (
    UPDATE errors SET ${NOT_MUTED}, unmuted_at = $1 FROM due WHERE errors.id = due.id RETURNING errors.id
  ), noted AS (
    INSERT INTO error_activities (id, error_id, at, kind, actor_kind, details)
    SELECT gen_random_uuid(), id, $1, 'unmuted', 'watchkeep', '{"because": "${because}"}' FROM ended
  )
  SELECT id FROM ended`;

/** An error whose time is up and that is reported no more would stay muted: the statement that stores does not meet it. */
export const END_BY_TIME = end('time', 'muted_until IS NOT NULL AND muted_until <= $1::timestamptz');

const WINDOW = 'make_interval(mins => mute_rate_minutes)';

/** From the oldest sample within the window to now: never more than the window, at most one sample’s distance less. */
export const END_BY_RATE = end(
  'rate',
  `mute_rate_count IS NOT NULL AND count - (
    SELECT sample.count FROM error_mute_samples AS sample
    WHERE sample.error_id = errors.id AND sample.at >= $1::timestamptz - ${WINDOW} ORDER BY sample.at LIMIT 1
  ) >= mute_rate_count`,
);

/** A sample each beat, or sixty a window when it is longer: a second for each of its minutes. */
export const SAMPLE = `
  INSERT INTO error_mute_samples (error_id, at, count)
  SELECT id, $1, count FROM errors
  WHERE muted AND mute_rate_count IS NOT NULL AND merged_into IS NULL AND NOT EXISTS (
    SELECT FROM error_mute_samples AS sample
    WHERE sample.error_id = errors.id AND sample.at > $1::timestamptz - make_interval(secs => greatest(9, mute_rate_minutes)))
  ON CONFLICT (error_id, at) DO NOTHING`;

/** Samples of errors that are muted by rate no more, and those from before the window. */
export const FORGET = `
  DELETE FROM error_mute_samples AS sample USING errors
  WHERE errors.id = sample.error_id
    AND (NOT errors.muted OR errors.mute_rate_count IS NULL OR sample.at < $1::timestamptz - ${WINDOW})`;
