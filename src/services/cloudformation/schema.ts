/** The tables of CloudFormation: stacks, their resources, events, exports and change sets, the operations under way, and what topics are to be
 * told. */
import type { ServiceSchema } from '../kit/database.ts'

export const CLOUDFORMATION_SCHEMA: ServiceSchema = {
  service: 'cloudformation',
  migrations: [
    `
    CREATE TABLE cloudformation_stacks (id TEXT PRIMARY KEY, name TEXT NOT NULL, deletedMs INTEGER, body TEXT NOT NULL)
      WITHOUT ROWID;
    CREATE UNIQUE INDEX cloudformation_stacks_by_name ON cloudformation_stacks (name) WHERE deletedMs IS NULL;
    CREATE TABLE cloudformation_resources (
      stackId TEXT NOT NULL, logicalId TEXT NOT NULL, ref TEXT, body TEXT NOT NULL, PRIMARY KEY (stackId, logicalId))
      WITHOUT ROWID;
    CREATE INDEX cloudformation_resources_by_ref ON cloudformation_resources (ref) WHERE ref IS NOT NULL;
    CREATE TABLE cloudformation_events (
      stackId TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stackId, sequence)) WITHOUT ROWID;
    CREATE TABLE cloudformation_exports (name TEXT PRIMARY KEY, value TEXT NOT NULL, stackId TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE cloudformation_imports (name TEXT NOT NULL, stackId TEXT NOT NULL, PRIMARY KEY (name, stackId)) WITHOUT ROWID;
    CREATE TABLE cloudformation_change_sets (
      id TEXT PRIMARY KEY, stackId TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (stackId, name)) WITHOUT ROWID;
    CREATE TABLE cloudformation_operations (id TEXT PRIMARY KEY, stackId TEXT NOT NULL, isOver INTEGER NOT NULL, body TEXT NOT NULL)
      WITHOUT ROWID;
    CREATE TABLE cloudformation_tasks (token TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE cloudformation_notifications (
      id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, message TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      dueMs INTEGER NOT NULL);
    CREATE INDEX cloudformation_notifications_due ON cloudformation_notifications (dueMs, id);
    CREATE INDEX cloudformation_notifications_receiver ON cloudformation_notifications (topic, dueMs, id);
    CREATE INDEX cloudformation_operations_open ON cloudformation_operations (isOver) WHERE isOver = 0;
    `,
  ],
}
