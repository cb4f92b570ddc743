/** How one table travels. Rows carry all its columns, but for those that are named here. */
export interface TransferTable {
  /** What its lines are called. */
  type: string;
  table: string;
  /** What only means something here: the importing database makes its own. */
  omit?: readonly string[];
  /** Secrets, encrypted. Left out unless asked for; a row that misses one is switched off. */
  secrets?: readonly string[];
  /** Users are known by their e-mail address: ids are those of one instance. */
  users?: readonly string[];
  /** Conditions of the parts that are sent one after the other; of rows that refer to others of their table. */
  parts?: readonly string[];
  /** Whether rows of it keep an instance from being empty. */
  isRoot?: boolean;
  /** What becomes of a row that is there already. Default: the import fails. */
  conflict?: string;
}

/** Everything that travels, parents first. Not among it: who may sign in, keys, sessions, and what workers know of themselves. */
export const TRANSFER_TABLES: readonly TransferTable[] = [
  {
    type: 'setting',
    table: 'settings',
    conflict: `(name) DO UPDATE SET value = EXCLUDED.value, updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by`,
  },
  { type: 'project', table: 'projects', isRoot: true },
  { type: 'grouping_rule_set', table: 'grouping_rule_sets', isRoot: true },
  { type: 'integration', table: 'integrations', secrets: ['secrets_encrypted'], isRoot: true },
  { type: 'integration_probe', table: 'integration_probes' },
  {
    type: 'endpoint',
    table: 'endpoints',
    secrets: ['headers_encrypted', 'auth_encrypted', 'secret_options_encrypted', 'push_token_hash'],
    isRoot: true,
  },
  { type: 'endpoint_status', table: 'endpoint_status' },
  { type: 'endpoint_region_status', table: 'endpoint_region_status' },
  { type: 'endpoint_certificate', table: 'endpoint_certificates' },
  { type: 'endpoint_heartbeat', table: 'endpoint_heartbeats' },
  { type: 'endpoint_state_interval', table: 'endpoint_state_intervals' },
  { type: 'endpoint_day', table: 'endpoint_days' },
  { type: 'endpoint_month', table: 'endpoint_months' },
  { type: 'stale_day', table: 'stale_days' },
  { type: 'check_in_monitor', table: 'check_in_monitors' },
  { type: 'maintenance_window', table: 'maintenance_windows', isRoot: true },
  {
    type: 'rollup_progress',
    table: 'rollup_progress',
    conflict: '(name) DO UPDATE SET done_to = EXCLUDED.done_to',
  },
  { type: 'check_hour', table: 'check_hours' },
  { type: 'check_day', table: 'check_days' },
  { type: 'check', table: 'checks' },
  { type: 'incident', table: 'incidents', isRoot: true },
  { type: 'incident_update', table: 'incident_updates' },
  { type: 'incident_endpoint', table: 'incident_endpoints' },
  {
    type: 'release',
    table: 'releases',
    conflict: '(source, version) DO UPDATE SET first_seen = least(releases.first_seen, EXCLUDED.first_seen)',
  },
  {
    type: 'error',
    table: 'errors',
    users: ['assigned_to'],
    parts: ['merged_into IS NULL', 'merged_into IS NOT NULL'],
    isRoot: true,
  },
  { type: 'error_activity', table: 'error_activities' },
  { type: 'error_mute_sample', table: 'error_mute_samples' },
  { type: 'occurrence', table: 'error_occurrences' },
  { type: 'last_occurrence', table: 'error_last_occurrences' },
  { type: 'error_figure', table: 'error_figures' },
  { type: 'error_facet', table: 'error_facets' },
  { type: 'error_hour', table: 'error_hours' },
  { type: 'error_count', table: 'error_counts', isRoot: true },
  { type: 'error_tag_value', table: 'error_tag_values', isRoot: true },
  { type: 'error_tally', table: 'error_tallies', omit: ['id'] },
  {
    type: 'ledger_entry',
    table: 'error_ledger',
    conflict: '(hour, source, outcome, reason) DO UPDATE SET count = error_ledger.count + EXCLUDED.count',
  },
  { type: 'error_spike', table: 'error_spikes' },
];
