/** The tables of Secrets Manager: secrets, and their versions with sealed values. */
import type { ServiceSchema } from '../kit/database.ts'

export const SECRETS_SCHEMA: ServiceSchema = {
  service: 'secretsmanager',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS secrets (
      id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, description TEXT, kmsKeyId TEXT,
      policy TEXT, tags TEXT NOT NULL, createdMs INTEGER NOT NULL, changedMs INTEGER NOT NULL, accessedMs INTEGER,
      deletionMs INTEGER);
    CREATE INDEX IF NOT EXISTS secrets_by_deletion ON secrets (deletionMs) WHERE deletionMs IS NOT NULL;
    CREATE TABLE IF NOT EXISTS secret_versions (
      id INTEGER PRIMARY KEY AUTOINCREMENT, secret INTEGER NOT NULL, versionId TEXT NOT NULL, isBinary INTEGER NOT NULL,
      value TEXT NOT NULL, stages TEXT NOT NULL, createdMs INTEGER NOT NULL, accessedMs INTEGER, UNIQUE (secret, versionId));
    `,
  ],
}
