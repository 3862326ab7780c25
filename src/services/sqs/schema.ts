/** The tables of SQS: queues, their messages, what is known of messages that were sent to FIFO queues, and move tasks. */
import type { ServiceSchema } from '../kit/database.ts'

export const SQS_SCHEMA: ServiceSchema = {
  service: 'sqs',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS sqs_queues (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL, tags TEXT NOT NULL,
      created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS sqs_messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL,
      attributes TEXT NOT NULL, trace_header TEXT, group_id TEXT, deduplication_id TEXT, sent_at INTEGER NOT NULL,
      visible_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0,
      first_received_at INTEGER, receipt TEXT, source_arn TEXT);
    CREATE INDEX IF NOT EXISTS sqs_messages_visible ON sqs_messages (queue, visible_at, id);
    CREATE INDEX IF NOT EXISTS sqs_messages_expiry ON sqs_messages (queue, expires_at);
    CREATE INDEX IF NOT EXISTS sqs_messages_group ON sqs_messages (queue, group_id, visible_at) WHERE group_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS sqs_messages_order ON sqs_messages (queue, id) WHERE group_id IS NOT NULL;
    CREATE TABLE IF NOT EXISTS sqs_deduplication (
      queue INTEGER NOT NULL, scope TEXT NOT NULL, dedup TEXT NOT NULL, message_id TEXT NOT NULL, row INTEGER NOT NULL,
      until INTEGER NOT NULL, PRIMARY KEY (queue, scope, dedup)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sqs_deduplication_until ON sqs_deduplication (until);
    `,
    `
    ALTER TABLE sqs_messages ADD COLUMN received_before INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX sqs_messages_of_group ON sqs_messages (queue, group_id, id) WHERE group_id IS NOT NULL;
    `,
    `
    CREATE TABLE sqs_move_tasks (
      id INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, source TEXT NOT NULL, destination TEXT, rate INTEGER,
      status TEXT NOT NULL, failure TEXT, moved INTEGER NOT NULL, toMove INTEGER NOT NULL, startedAt INTEGER NOT NULL);
    CREATE INDEX sqs_move_tasks_source ON sqs_move_tasks (source, startedAt);
    `,
  ],
}
