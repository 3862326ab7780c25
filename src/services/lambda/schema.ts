/**
 * The tables of Lambda: functions and their versions, aliases, the events that were accepted, the queues that are polled, and
 * layers.
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
  ],
}
