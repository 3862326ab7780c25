/** The tables of CloudWatch Logs: groups, streams, events, resource policies, filters and what is to be sent. */
import type { ServiceSchema } from '../kit/database.ts'

export const LOGS_SCHEMA: ServiceSchema = {
  service: 'logs',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS log_groups (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, createdMs INTEGER NOT NULL, retentionDays INTEGER,
      class TEXT NOT NULL DEFAULT 'STANDARD', kmsKeyId TEXT, tags TEXT NOT NULL DEFAULT '{}', storedBytes INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS log_streams (
      id INTEGER PRIMARY KEY, groupId INTEGER NOT NULL, name TEXT NOT NULL, createdMs INTEGER NOT NULL,
      firstEventMs INTEGER, lastEventMs INTEGER, lastIngestionMs INTEGER, storedBytes INTEGER NOT NULL DEFAULT 0, UNIQUE (groupId, name));
    CREATE TABLE IF NOT EXISTS log_events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, groupId INTEGER NOT NULL, streamId INTEGER NOT NULL,
      timestamp INTEGER NOT NULL, ingestionMs INTEGER NOT NULL, message TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (streamId, timestamp, id);
    CREATE INDEX IF NOT EXISTS log_events_by_group ON log_events (groupId, timestamp, id);
    CREATE TABLE IF NOT EXISTS log_policies (name TEXT PRIMARY KEY, document TEXT NOT NULL, updatedMs INTEGER NOT NULL);
    `,
    `
    CREATE TABLE log_filters (
      groupId INTEGER, kind TEXT, name TEXT, record TEXT NOT NULL, PRIMARY KEY (groupId, kind, name)) WITHOUT ROWID;
    CREATE TABLE log_deliveries (
      id INTEGER PRIMARY KEY, arn TEXT NOT NULL, message TEXT NOT NULL, attempts INTEGER NOT NULL,
      madeMs INTEGER NOT NULL, dueMs INTEGER NOT NULL);
    CREATE INDEX log_deliveries_due ON log_deliveries (dueMs);
    CREATE INDEX log_deliveries_receiver ON log_deliveries (arn, dueMs, id);
    `,
  ],
}
