import type { DataSource } from 'typeorm';
import { ensurePartitionDays } from '../../../src/database/partitions.js';
import { generateErrors } from '../errors/many-errors.js';

export const ADA = 'ada@example.org';
const DAYS = ['2026-03-01', '2026-10-09', '2026-11-22'];

const id = (number: number): string => `'00000000-0000-7000-8000-${String(number).padStart(12, '0')}'`;

/** Puts something into every table that travels, with values that are easily spoilt on the way. */
export async function fill(dataSource: DataSource): Promise<void> {
  for (const table of ['checks', 'error_occurrences'] as const)
    await ensurePartitionDays(dataSource, table, DAYS);
  await generateErrors(dataSource, 700);
  for (const statement of STATEMENTS) await dataSource.query(statement);
}

const STATEMENTS = [
  `INSERT INTO users (id, email, name, role, password_hash) VALUES (${id(1)}, '${ADA}', 'Ada', 'owner', 'x')`,
  `INSERT INTO settings (name, value, updated_at) VALUES ('privacy', '{}', now())`,
  `INSERT INTO projects (id, number, slug, name) VALUES (${id(2)}, 41, 'source-9', 'Nine')`,
  `INSERT INTO grouping_rule_sets (version, rules, in_app) VALUES (1, '[]', '[]')`,
  `INSERT INTO integrations (id, name, kind, enabled, settings, secrets_encrypted) VALUES
     (${id(3)}, 'mail', 'email', true, '{}', NULL), (${id(4)}, 'chat', 'slack', true, '{"x": 1}', 'v1:sealed')`,
  `INSERT INTO integration_probes VALUES (${id(3)}, now(), true)`,
  `INSERT INTO endpoints (id, name, kind, url, method, interval_ms, timeout_ms, expected_status_codes, retries,
     retry_interval_ms, failure_threshold, recovery_threshold, follow_redirects, verify_tls, public, enabled, push_token_hash)
   SELECT ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, 'API "' || n || '"', 'http', 'http://example.org', 'GET', 60000, 10000,
     '{200-299,"301"}', 1, 1000, 2, 1, 5, true, true, true, CASE WHEN n = 3 THEN '\\xdeadbeef'::bytea END
   FROM generate_series(1, 3) n`,
  `INSERT INTO endpoint_status (endpoint_id, status, last_response_ms) SELECT id, 'operational', 0.1 FROM endpoints`,
  `INSERT INTO endpoint_region_status (endpoint_id, region) SELECT id, 'home' FROM endpoints`,
  `INSERT INTO endpoint_certificates (endpoint_id, fingerprint, subject, issuer, valid_from, valid_to, trusted, seen_at)
   VALUES (${id(101)}, 'f', 's', 'i', now(), now(), true, now())`,
  `INSERT INTO endpoint_heartbeats (endpoint_id, last_duration_ms) VALUES (${id(102)}, 9007199254740993)`,
  `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
   SELECT id, timestamptz '2026-11-20 00:00:00.123456Z', 'operational', timestamptz '2026-11-22 12:00:00.000001Z' FROM endpoints
   UNION ALL SELECT id, timestamptz '2026-11-22 12:00:00.000001Z', 'major_outage', timestamptz '2026-11-22 13:00Z' FROM endpoints
   UNION ALL SELECT id, timestamptz '2026-11-22 13:00Z', 'operational', NULL FROM endpoints`,
  `INSERT INTO endpoint_days SELECT id, date '2026-11-21', 80000000, 0, 0, 6400000, 0, 0 FROM endpoints`,
  `INSERT INTO endpoint_months SELECT id, date '2026-10-01', 9007199254740993, 0, 0, 0, 0, 0 FROM endpoints`,
  `INSERT INTO stale_days VALUES (${id(101)}, '2026-11-01')`,
  `INSERT INTO check_in_monitors VALUES ('api', 'nightly', ${id(101)}, NULL)`,
  `INSERT INTO maintenance_windows (id, title, all_endpoints, time_zone, enabled) VALUES (${id(5)}, 'Move', true, 'UTC', true)`,
  `UPDATE rollup_progress SET done_to = '2026-11-22 00:00Z'`,
  ...['check_hours', 'check_days'].map(
    (table) =>
      `INSERT INTO ${table} SELECT id, '2026-11-22 00:00Z', '', 60, 1, 0, 123456, 0.1, 3.3, '{1,2}', '{30,30}' FROM endpoints`,
  ),
  `INSERT INTO checks (endpoint_id, scheduled_at, region, checked_at, ok, status, response_time_ms, error)
   SELECT e.id, d::timestamptz + n * interval '1 minute', '', now(), n % 7 > 0, 'operational', 0.1 + n, E'a\\tb "c"\\n\\\\'
   FROM endpoints e, unnest('{${DAYS.join()}}'::text[]) d, generate_series(0, 99) n`,
  `INSERT INTO incidents (id, title, severity, status, source, started_at) VALUES
     (${id(6)}, '=cmd()', 'major', 'monitoring', 'manual', '2026-11-22 12:00Z')`,
  `INSERT INTO incident_updates VALUES (${id(7)}, ${id(6)}, 'investigating', 'Looking', true, NULL, '2026-11-22 12:01Z')`,
  `INSERT INTO incident_endpoints VALUES (${id(6)}, ${id(101)})`,
  `INSERT INTO releases VALUES ('api', '1.0', now())`,
  `UPDATE errors SET count = 9007199254740993, message = E'=HYPERLINK("x"), "quoted"\\r\\nü 💥', assigned_to = ${id(1)}
   WHERE id = (SELECT min(id::text)::uuid FROM errors)`,
  `UPDATE errors SET merged_into = (SELECT min(id::text)::uuid FROM errors) WHERE id = (SELECT max(id::text)::uuid FROM errors)`,
  `INSERT INTO error_activities (id, error_id, at, kind, actor_kind) SELECT ${id(8)}, id, now(), 'comment', 'user' FROM errors LIMIT 1`,
  `INSERT INTO error_mute_samples SELECT id, now(), 4 FROM errors LIMIT 1`,
  `INSERT INTO error_occurrences (error_id, received_at, id, level, message, context, tags)
   SELECT e.id, d::timestamptz + n * interval '1 microsecond', gen_random_uuid(), 'error', 'x', '{"n": 1e400}', NULL
   FROM (SELECT id FROM errors LIMIT 5) e, unnest('{${DAYS.join()}}'::text[]) d, generate_series(0, 99) n`,
  `INSERT INTO error_last_occurrences (error_id, received_at, id, level, message) SELECT id, now(), gen_random_uuid(), 'error', 'x' FROM errors`,
  `INSERT INTO error_figures SELECT id, source, count, 1 FROM errors ON CONFLICT DO NOTHING`,
  `INSERT INTO error_facets SELECT id, '\\x00ff'::bytea, '{"a": {"b": 1}}', '{a,"b c",NULL}' FROM errors ON CONFLICT DO NOTHING`,
  `INSERT INTO error_hours SELECT id, date_trunc('hour', last_seen), count FROM errors`,
  `INSERT INTO error_counts VALUES ('2026-11-22 00:00Z', 'api', '', 'error', 9)`,
  `INSERT INTO error_tag_values VALUES ('api', 'a', 'b', 9, now())`,
  `INSERT INTO error_tallies (entries, kept) VALUES ('[]', '{1,-1}')`,
  `INSERT INTO error_ledger VALUES ('2026-11-22 00:00Z', 'api', 'limited', 'key', 7)`,
  `INSERT INTO error_spikes (id, source, reports_limit, usual_reports, peak_reports, started_at, over_at)
   VALUES (${id(9)}, 'api', 1, 0.1, 9, now(), now())`,
];
