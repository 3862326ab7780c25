/**
 * The tables of DynamoDB: tables and their indexes, items, the entries of indexes, streams and their records, tokens of
 * transactions, and work on many items that is not done yet. Keys are bytes that sort as DynamoDB sorts keys (key-bytes.ts).
 */
import type { ServiceSchema } from '../kit/database.ts'

export const DYNAMODB_SCHEMA: ServiceSchema = {
  service: 'dynamodb',
  migrations: [
    `
    CREATE TABLE dynamodb_table (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL, tags TEXT NOT NULL,
      items INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE dynamodb_index (
      id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, name TEXT NOT NULL, entries INTEGER NOT NULL DEFAULT 0,
      UNIQUE (table_id, name));
    CREATE TABLE dynamodb_item (
      id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, hash BLOB NOT NULL, range BLOB NOT NULL, item TEXT NOT NULL,
      bytes INTEGER NOT NULL, expires INTEGER, UNIQUE (table_id, hash, range));
    CREATE INDEX dynamodb_item_expires ON dynamodb_item (expires) WHERE expires IS NOT NULL;
    CREATE TABLE dynamodb_entry (
      index_id INTEGER NOT NULL, hash BLOB NOT NULL, range BLOB NOT NULL, item_hash BLOB NOT NULL, item_range BLOB NOT NULL,
      PRIMARY KEY (index_id, hash, range, item_hash, item_range)) WITHOUT ROWID;
    CREATE TABLE dynamodb_stream (
      id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, table_id INTEGER NOT NULL, table_name TEXT NOT NULL,
      description TEXT NOT NULL, made_at INTEGER NOT NULL, closed_at INTEGER);
    CREATE TABLE dynamodb_record (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, made_at INTEGER NOT NULL, record TEXT NOT NULL);
    CREATE INDEX dynamodb_record_of_stream ON dynamodb_record (stream_id, sequence);
    CREATE INDEX dynamodb_record_by_age ON dynamodb_record (made_at);
    CREATE TABLE dynamodb_token (
      token TEXT PRIMARY KEY, digest TEXT NOT NULL, output TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX dynamodb_token_by_end ON dynamodb_token (until);
    CREATE TABLE dynamodb_chore (
      id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, table_id INTEGER NOT NULL, index_id INTEGER NOT NULL,
      hash BLOB NOT NULL, range BLOB NOT NULL);
    `,
  ],
}
