/**
 * The tables of SNS: topics, subscriptions, the key that signs, what FIFO topics remember, what is to be
 * delivered, and settings of text messages.
 */
import type { ServiceSchema } from '../kit/database.ts'

export const SNS_SCHEMA: ServiceSchema = {
  service: 'sns',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS sns_topics (arn TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sns_subscriptions (
      arn TEXT PRIMARY KEY, topic_arn TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL, attributes TEXT NOT NULL,
      pending_token TEXT) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sns_key (one INTEGER PRIMARY KEY CHECK (one = 1), pem TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS sns_sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
    INSERT OR IGNORE INTO sns_sequence VALUES (1, 0);
    CREATE TABLE IF NOT EXISTS sns_deduplication (
      topic_arn TEXT NOT NULL, scope TEXT NOT NULL, dedup TEXT NOT NULL, message_id TEXT NOT NULL, sequence TEXT NOT NULL,
      until INTEGER NOT NULL, PRIMARY KEY (topic_arn, scope, dedup)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sns_deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, subscription_arn TEXT NOT NULL, lane TEXT, payload TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS sns_deliveries_due ON sns_deliveries (due_at, id);
    DROP INDEX IF EXISTS sns_deliveries_lane;
    CREATE INDEX IF NOT EXISTS sns_deliveries_receiver ON sns_deliveries (coalesce(lane, subscription_arn), due_at, id);
    CREATE INDEX IF NOT EXISTS sns_deliveries_order ON sns_deliveries (coalesce(lane, subscription_arn), id);
    `,
    'CREATE TABLE sns_sms (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  ],
}
