/** The schema, forward only. A migration that has been released is never changed; the next one is added below. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE state_machines (
    key INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, type TEXT NOT NULL,
    status TEXT NOT NULL, created_at INTEGER NOT NULL, revision_key INTEGER NOT NULL, last_version INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE revisions (
    key INTEGER PRIMARY KEY AUTOINCREMENT, state_machine_key INTEGER NOT NULL, revision_id TEXT, definition TEXT NOT NULL,
    role_arn TEXT NOT NULL, logging_configuration TEXT, tracing_configuration TEXT, encryption_configuration TEXT,
    created_at INTEGER NOT NULL
  );
  CREATE INDEX revisions_machine ON revisions (state_machine_key);
  CREATE TABLE versions (
    arn TEXT PRIMARY KEY, state_machine_key INTEGER NOT NULL, version INTEGER NOT NULL, revision_key INTEGER NOT NULL,
    description TEXT, created_at INTEGER NOT NULL
  );
  CREATE INDEX versions_machine ON versions (state_machine_key, version);
  CREATE INDEX versions_revision ON versions (revision_key);
  CREATE TABLE aliases (
    arn TEXT PRIMARY KEY, state_machine_key INTEGER NOT NULL, name TEXT NOT NULL, description TEXT, routing TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  );
  CREATE INDEX aliases_machine ON aliases (state_machine_key, arn);

  -- listed_at: when it closed, or else when it began: the order of ListExecutions.
  CREATE TABLE executions (
    key INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, state_machine_arn TEXT NOT NULL,
    state_machine_key INTEGER NOT NULL, revision_key INTEGER NOT NULL, version_arn TEXT, alias_arn TEXT, type TEXT NOT NULL,
    status TEXT NOT NULL, start_at INTEGER NOT NULL, stop_at INTEGER, input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT,
    trace_header TEXT, map_run_key INTEGER, item_count INTEGER, item_index INTEGER, map_state TEXT, wake_at INTEGER,
    is_busy INTEGER NOT NULL, redrive_count INTEGER NOT NULL, redrive_at INTEGER, last_event_id INTEGER NOT NULL,
    listed_at INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(stop_at, redrive_at, start_at)) VIRTUAL
  );
  CREATE INDEX executions_machine ON executions (state_machine_key, listed_at, key) WHERE map_run_key IS NULL;
  CREATE INDEX executions_machine_status ON executions (state_machine_key, status, listed_at, key) WHERE map_run_key IS NULL;
  CREATE INDEX executions_due ON executions (wake_at) WHERE wake_at IS NOT NULL AND status = 'RUNNING';
  CREATE INDEX executions_busy ON executions (key) WHERE is_busy = 1 AND status = 'RUNNING';
  CREATE INDEX executions_alias ON executions (alias_arn, listed_at, key) WHERE alias_arn IS NOT NULL;
  CREATE INDEX executions_version ON executions (version_arn, listed_at, key) WHERE version_arn IS NOT NULL;
  CREATE INDEX executions_run ON executions (map_run_key, item_index) WHERE map_run_key IS NOT NULL;
  CREATE INDEX executions_run_listed ON executions (map_run_key, listed_at, key) WHERE map_run_key IS NOT NULL;
  CREATE INDEX executions_run_status ON executions (map_run_key, status, item_index, item_count) WHERE map_run_key IS NOT NULL;
  CREATE INDEX executions_closed ON executions (stop_at) WHERE stop_at IS NOT NULL AND map_run_key IS NULL;

  -- Append-only; a row is a turn.
  CREATE TABLE log (
    position INTEGER PRIMARY KEY, execution_key INTEGER NOT NULL, sequence INTEGER NOT NULL,
    first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, chunk TEXT NOT NULL
  );
  CREATE UNIQUE INDEX log_execution ON log (execution_key, sequence);

  CREATE TABLE map_runs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, execution_key INTEGER NOT NULL, execution_arn TEXT NOT NULL,
    state_machine_arn TEXT NOT NULL, map_state TEXT NOT NULL, status TEXT NOT NULL, start_at INTEGER NOT NULL, stop_at INTEGER,
    max_concurrency INTEGER NOT NULL, tolerated_failure_count INTEGER NOT NULL, tolerated_failure_percentage REAL NOT NULL,
    redrive_count INTEGER NOT NULL, redrive_at INTEGER, settings TEXT NOT NULL, items_read INTEGER NOT NULL,
    is_reading_done INTEGER NOT NULL, results_written INTEGER NOT NULL
  );
  CREATE INDEX map_runs_execution ON map_runs (execution_key, key);
  CREATE INDEX map_runs_running ON map_runs (key) WHERE status = 'RUNNING';

  CREATE TABLE activities (arn TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, encryption_configuration TEXT);
  CREATE TABLE tags (resource_arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource_arn, key));
  `,
  `
  -- Append-only; a row is a turn, its events as JSON text. A run that was made before has none: its row says where it stands.
  CREATE TABLE map_run_log (
    map_run_key INTEGER NOT NULL, sequence INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (map_run_key, sequence)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE redrives (
    execution_key INTEGER NOT NULL, client_token TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (execution_key, client_token)
  ) WITHOUT ROWID;
  CREATE INDEX state_machines_deleting ON state_machines (key) WHERE status = 'DELETING';
  `,
  // What has closed is looked for by its machine: executions_machine_status.
  'DROP INDEX executions_closed',
  // From here on a log and a row may say that they repeat the execution's input (repeated-input.ts): an older Regente cannot read that.
  'SELECT 1',
]
