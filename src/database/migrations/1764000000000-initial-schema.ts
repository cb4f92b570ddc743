import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything the first release stores. */
export class InitialSchema1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS pg_trgm;

      CREATE TABLE instance (
        id smallint CONSTRAINT instance_pkey PRIMARY KEY CHECK (id = 1),
        setup_token_hash bytea,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE api_keys (
        id uuid CONSTRAINT api_keys_pkey PRIMARY KEY,
        name text NOT NULL,
        key_hash bytea NOT NULL UNIQUE,
        key_preview text NOT NULL,
        permissions text[] NOT NULL,
        sources text[] NOT NULL DEFAULT '{}',
        expires_at timestamptz,
        last_used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE users (
        id uuid CONSTRAINT users_pkey PRIMARY KEY,
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        role text NOT NULL,
        password_hash text NOT NULL,
        last_active_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE sessions (
        id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
        token_hash bytea NOT NULL UNIQUE,
        user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users ON DELETE CASCADE,
        user_agent text,
        ip_address text,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX idx_sessions_user_id ON sessions (user_id);

      CREATE TABLE idempotency_keys (
        scope text NOT NULL,
        key text NOT NULL,
        resource_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (scope, key)
      );
      CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
    `);

    await runner.query(`
      CREATE TABLE errors (
        id uuid CONSTRAINT errors_pkey PRIMARY KEY,
        fingerprint text NOT NULL UNIQUE,
        grouping_version smallint NOT NULL,
        grouping_text text NOT NULL,
        level text NOT NULL,
        message text NOT NULL,
        stack_trace text,
        context jsonb NOT NULL DEFAULT '{}',
        source text NOT NULL,
        environment text,
        environments text[] NOT NULL DEFAULT '{}',
        user_agent text,
        ip_address text,
        url text,
        resolved boolean NOT NULL DEFAULT false,
        resolved_at timestamptz,
        regressed_at timestamptz,
        count bigint NOT NULL,
        first_seen timestamptz NOT NULL,
        last_seen timestamptz NOT NULL,
        last_seen_minute timestamptz NOT NULL GENERATED ALWAYS AS
          (date_bin('00:01:00'::interval, last_seen, '2000-01-01 00:00:00+00'::timestamp with time zone)) STORED,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 70);
      CREATE INDEX idx_errors_last_seen ON errors (last_seen_minute);
      CREATE INDEX idx_errors_level_last_seen ON errors (level, last_seen_minute);
      CREATE INDEX idx_errors_source_last_seen ON errors (source, last_seen_minute);
      CREATE INDEX idx_errors_resolved_last_seen ON errors (resolved, last_seen_minute);
      CREATE INDEX idx_errors_first_seen ON errors (first_seen);
      CREATE INDEX idx_errors_resolved_at ON errors (resolved_at) WHERE resolved_at IS NOT NULL;
      CREATE INDEX idx_errors_regressed_at ON errors (regressed_at) WHERE regressed_at IS NOT NULL;
      CREATE INDEX idx_errors_environments ON errors USING gin (environments);
      CREATE INDEX idx_errors_message_trigrams ON errors USING gin (message gin_trgm_ops);

      CREATE TABLE error_occurrences (
        error_id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        id uuid NOT NULL,
        level text NOT NULL,
        message text NOT NULL,
        stack_trace text,
        context jsonb NOT NULL DEFAULT '{}',
        environment text,
        user_agent text,
        ip_address text,
        url text,
        CONSTRAINT error_occurrences_pkey PRIMARY KEY (error_id, received_at, id)
      ) PARTITION BY RANGE (received_at);
    `);

    await runner.query(`
      CREATE TABLE endpoints (
        id uuid CONSTRAINT endpoints_pkey PRIMARY KEY,
        name text NOT NULL UNIQUE,
        group_name text,
        kind text NOT NULL,
        url text NOT NULL,
        method text NOT NULL,
        headers_encrypted text,
        body text,
        auth_encrypted text,
        interval_ms integer NOT NULL,
        timeout_ms integer NOT NULL,
        expected_status_codes text[] NOT NULL,
        retries smallint NOT NULL,
        retry_interval_ms integer NOT NULL,
        failure_threshold smallint NOT NULL,
        recovery_threshold smallint NOT NULL,
        degraded_threshold_ms integer,
        follow_redirects smallint NOT NULL,
        verify_tls boolean NOT NULL,
        tags text[] NOT NULL DEFAULT '{}',
        public boolean NOT NULL,
        enabled boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE endpoint_status (
        endpoint_id uuid CONSTRAINT endpoint_status_pkey PRIMARY KEY
          CONSTRAINT endpoint_status_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        status text NOT NULL DEFAULT 'unknown',
        status_since timestamptz NOT NULL DEFAULT now(),
        consecutive_failures integer NOT NULL DEFAULT 0,
        consecutive_successes integer NOT NULL DEFAULT 0,
        next_check_at timestamptz,
        last_slot timestamptz,
        last_checked_at timestamptz,
        last_response_ms real,
        last_error text
      ) WITH (fillfactor = 50);
      CREATE INDEX idx_endpoint_status_next_check_at ON endpoint_status (next_check_at);

      CREATE TABLE endpoint_state_intervals (
        endpoint_id uuid NOT NULL
          CONSTRAINT endpoint_state_intervals_endpoint_id_fkey REFERENCES endpoints ON DELETE CASCADE,
        started_at timestamptz NOT NULL,
        state text NOT NULL,
        ended_at timestamptz,
        CONSTRAINT endpoint_state_intervals_pkey PRIMARY KEY (endpoint_id, started_at)
      );
      CREATE UNIQUE INDEX idx_endpoint_state_intervals_open ON endpoint_state_intervals (endpoint_id) WHERE ended_at IS NULL;
      CREATE INDEX idx_endpoint_state_intervals_ended_at ON endpoint_state_intervals (ended_at);
      CREATE INDEX idx_endpoint_state_intervals_outages ON endpoint_state_intervals (ended_at)
        WHERE state IN ('major_outage', 'partial_outage');

      CREATE TABLE checks (
        endpoint_id uuid NOT NULL,
        scheduled_at timestamptz NOT NULL,
        region text NOT NULL,
        checked_at timestamptz NOT NULL,
        ok boolean,
        status text NOT NULL,
        status_code smallint,
        error text,
        response_time_ms real,
        dns_ms real,
        connect_ms real,
        tls_ms real,
        first_byte_ms real,
        download_ms real,
        CONSTRAINT checks_pkey PRIMARY KEY (endpoint_id, scheduled_at, region)
      ) PARTITION BY RANGE (scheduled_at);

      CREATE TABLE system_metrics (
        at timestamptz NOT NULL,
        host text NOT NULL,
        cpu_percent real NOT NULL,
        memory_percent real NOT NULL,
        memory_used_mb real NOT NULL,
        disk_percent real NOT NULL,
        load_average real NOT NULL,
        network_bytes_in bigint NOT NULL,
        network_bytes_out bigint NOT NULL,
        database_connections integer NOT NULL,
        database_latency_ms real,
        CONSTRAINT system_metrics_pkey PRIMARY KEY (at, host)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE system_metrics, checks, endpoint_state_intervals, endpoint_status, endpoints,
        error_occurrences, errors, idempotency_keys, sessions, users, api_keys, instance;
    `);
  }
}
