/**
 * The tables of Lambda: functions and their versions, aliases, the events that were accepted and what is told of them, the sources
 * that are polled and how far they were read, layers, and what is kept beside functions.
 */
import type { ServiceSchema } from '../kit/database.ts'

export const LAMBDA_SCHEMA: ServiceSchema = {
  service: 'lambda',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS lambda_functions (
      name TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lambda_aliases (
      function TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (function, name)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lambda_events (
      id INTEGER PRIMARY KEY, requestId TEXT NOT NULL, functionName TEXT NOT NULL, qualifier TEXT NOT NULL,
      payload BLOB NOT NULL, clientContext TEXT, attempts INTEGER NOT NULL, acceptedMs INTEGER NOT NULL, dueMs INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS lambda_events_due ON lambda_events (dueMs);
    CREATE INDEX IF NOT EXISTS lambda_events_receiver ON lambda_events (functionName, dueMs, id);
    `,
    'CREATE TABLE lambda_event_sources (uuid TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID',
    'CREATE TABLE lambda_layers (name TEXT, version INTEGER, record TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID',
    `
    CREATE TABLE lambda_settings (
      function TEXT, qualifier TEXT, kind TEXT, record TEXT NOT NULL, PRIMARY KEY (function, qualifier, kind)) WITHOUT ROWID;
    CREATE UNIQUE INDEX lambda_url_ids ON lambda_settings (record ->> 'id') WHERE kind = 'url';
    INSERT INTO lambda_settings
      SELECT name, '$LATEST', 'eventInvoke', json_object(
        'retryAttempts', record -> 'retryAttempts', 'eventAgeSeconds', record -> 'eventAgeSeconds',
        'lastModifiedMs', record -> 'lastModifiedMs')
      FROM lambda_functions
      WHERE version = '$LATEST' AND (record ->> 'retryAttempts' IS NOT NULL OR record ->> 'eventAgeSeconds' IS NOT NULL);
    CREATE TABLE lambda_version_numbers (function TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE lambda_code_signing (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE lambda_results (
      id INTEGER PRIMARY KEY, arn TEXT NOT NULL, message TEXT NOT NULL, attempts INTEGER NOT NULL,
      madeMs INTEGER NOT NULL, dueMs INTEGER NOT NULL);
    CREATE INDEX lambda_results_due ON lambda_results (dueMs);
    CREATE INDEX lambda_results_receiver ON lambda_results (arn, dueMs, id);
    CREATE TABLE lambda_stream_places (
      uuid TEXT, shard TEXT, sequence TEXT NOT NULL, PRIMARY KEY (uuid, shard)) WITHOUT ROWID;
    UPDATE lambda_event_sources
      SET record = json_set(json_remove(record, '$.queueArn'), '$.sourceArn', record ->> 'queueArn');
    `,
  ],
}
