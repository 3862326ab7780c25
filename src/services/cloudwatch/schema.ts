/** The tables of CloudWatch: metrics and their data points, alarms with their history and what they have to send, dashboards. */
import type { ServiceSchema } from '../kit/database.ts'

export const CLOUDWATCH_SCHEMA: ServiceSchema = {
  service: 'cloudwatch',
  migrations: [
    `
    CREATE TABLE cloudwatch_metrics (
      id INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
      lastMs INTEGER NOT NULL, UNIQUE (namespace, name, dimensions));
    CREATE INDEX cloudwatch_metrics_by_last ON cloudwatch_metrics (lastMs);
    CREATE TABLE cloudwatch_data (
      metric INTEGER NOT NULL, resolution INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL, count REAL NOT NULL,
      sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, distribution TEXT,
      PRIMARY KEY (metric, resolution, at, unit)) WITHOUT ROWID;
    CREATE INDEX cloudwatch_data_by_time ON cloudwatch_data (resolution, at);
    CREATE TABLE cloudwatch_alarms (
      name TEXT PRIMARY KEY, kind TEXT NOT NULL, settings TEXT NOT NULL, tags TEXT NOT NULL, updatedMs INTEGER NOT NULL,
      state TEXT NOT NULL, reason TEXT NOT NULL, reasonData TEXT, stateMs INTEGER NOT NULL, changedMs INTEGER NOT NULL)
      WITHOUT ROWID;
    CREATE TABLE cloudwatch_alarm_history (
      id INTEGER PRIMARY KEY AUTOINCREMENT, alarm TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL, atMs INTEGER NOT NULL,
      summary TEXT NOT NULL, data TEXT NOT NULL);
    CREATE INDEX cloudwatch_alarm_history_by_alarm ON cloudwatch_alarm_history (alarm, id);
    CREATE INDEX cloudwatch_alarm_history_by_time ON cloudwatch_alarm_history (atMs);
    CREATE TABLE cloudwatch_deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, alarm TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
      message TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, dueMs INTEGER NOT NULL);
    CREATE INDEX cloudwatch_deliveries_due ON cloudwatch_deliveries (dueMs, id);
    CREATE INDEX cloudwatch_deliveries_receiver ON cloudwatch_deliveries (target, dueMs, id);
    CREATE TABLE cloudwatch_dashboards (
      name TEXT PRIMARY KEY, body TEXT NOT NULL, modifiedMs INTEGER NOT NULL) WITHOUT ROWID;
    `,
  ],
}
