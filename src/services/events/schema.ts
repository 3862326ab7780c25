/**
 * The tables of EventBridge and its Scheduler: buses, rules, targets, tags, connections, API
 * destinations, archives, replays, schedules, and what is to be sent.
 */
import type { ServiceSchema } from '../kit/database.ts'

export const EVENTS_SCHEMA: ServiceSchema = {
  service: 'events',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS events_rules (bus TEXT, name TEXT, data TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (bus, name));
    CREATE TABLE IF NOT EXISTS events_targets (bus TEXT, rule TEXT, id TEXT, data TEXT NOT NULL, PRIMARY KEY (bus, rule, id));
    CREATE TABLE IF NOT EXISTS events_tags (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key));
    CREATE TABLE IF NOT EXISTS events_connections (name TEXT PRIMARY KEY, data TEXT NOT NULL, secret TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS scheduler_groups (name TEXT PRIMARY KEY, made_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS scheduler_schedules (
      grp TEXT, name TEXT, data TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (grp, name));
    CREATE INDEX IF NOT EXISTS scheduler_due ON scheduler_schedules (next_at) WHERE next_at IS NOT NULL;
    CREATE TABLE IF NOT EXISTS events_deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, target TEXT NOT NULL, input TEXT NOT NULL, source TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due_at, id);
    CREATE INDEX IF NOT EXISTS events_deliveries_receiver ON events_deliveries (coalesce(target ->> 'Arn', ''), due_at, id);
    `,
    `
    CREATE TABLE events_destinations (name TEXT PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE events_archives (name TEXT PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE events_archived (id INTEGER PRIMARY KEY, archive TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL);
    CREATE INDEX events_archived_at ON events_archived (archive, at, id);
    CREATE TABLE events_replays (name TEXT PRIMARY KEY, data TEXT NOT NULL);
    `,
  ],
}
